"""Answers on SERVICE_PORT; /health tells Tenon that it is ready."""
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "/": {"service": "${SERVICE_ID}", "version": os.environ["SERVICE_VERSION"]},
    "/health": {"status": "ok"},
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        answer = ANSWERS.get(self.path)
        body = json.dumps(answer or {"error": "nothing is here"}).encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("127.0.0.1", int(os.environ["SERVICE_PORT"])), Handler).serve_forever()
