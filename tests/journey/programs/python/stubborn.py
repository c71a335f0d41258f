"""Serves its port as MODE says:

deaf     TERM is ignored
away     a child, in a session of its own and nobody's child, answers on the port; the process that was started waits
"""
import http.server
import os
import signal
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.HTTPServer(("127.0.0.1", int(os.environ["SERVICE_PORT"])), Handler)
if os.environ["MODE"] == "away":
    if os.fork() != 0:
        server.socket.close()
        while True:
            time.sleep(1000)
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
server.serve_forever()
