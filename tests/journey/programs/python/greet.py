"""Answers the word of a package that is no part of Python."""
import http.server
import os
import signal
import sys

import greetings


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(greetings.WORD)))
        self.end_headers()
        self.wfile.write(greetings.WORD.encode())

    def log_message(self, *arguments):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.HTTPServer(("127.0.0.1", int(os.environ["SERVICE_PORT"])), Handler).serve_forever()
