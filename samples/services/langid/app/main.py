"""Tells which language a text is written in, by the trigrams of its letters.

GET  /health    200 once the model is loaded
POST /identify  {"text": "..."} -> {"language": "de", "confidence": 0.98, "scores": {...}}
"""
import argparse
import json
import math
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_TEXT_BYTES = 64 * 1024


def trigrams(text):
    letters = " " + " ".join("".join(c.lower() if c.isalpha() else " " for c in text).split()) + " "
    return [letters[i:i + 3] for i in range(len(letters) - 2)]


class Model:
    """Naive Bayes over trigrams; models/langid.json holds the counts (samples/services/langid-training/train makes it)."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.vocabulary = document["vocabulary"]
        self.languages = {
            name: (sum(counts.values()), counts) for name, counts in document["trigrams"].items()}

    def identify(self, text):
        grams = trigrams(text)
        logs = {}
        for name, (total, counts) in self.languages.items():
            floor = math.log(1 / (total + self.vocabulary))
            logs[name] = sum(math.log((counts[g] + 1) / (total + self.vocabulary)) if g in counts else floor for g in grams)
        best = max(logs.values())
        weights = {name: math.exp(value - best) for name, value in logs.items()}
        total = sum(weights.values())
        scores = {name: round(weight / total, 4) for name, weight in weights.items()}
        language = max(scores, key=scores.get)
        return {"language": language, "confidence": scores[language], "scores": scores}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece
    model = None
    version = os.environ.get("SERVICE_VERSION", "development")

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "OK", "languages": len(self.model.languages), "version": self.version})
        self.answer(404, {"error": "POST a text to /identify"})

    def do_POST(self):
        if self.path != "/identify":
            return self.answer(404, {"error": "POST a text to /identify"})
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_TEXT_BYTES:
            self.close_connection = True
            return self.answer(413, {"error": "at most %d bytes" % MAX_TEXT_BYTES})
        try:
            text = json.loads(self.rfile.read(length))["text"]
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": 'send {"text": "..."}'})
        self.answer(200, dict(self.model.identify(str(text)), version=self.version))

    def log_message(self, format, *args):
        print(format % args, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    Handler.model = Model(os.path.join(os.environ["MODELS_DIR"], "langid.json"))
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("langid %s on port %d, python %s" % (Handler.version, port, sys.version.split()[0]), flush=True)
    server.serve_forever()
    print("langid ends", flush=True)


if __name__ == "__main__":
    main()
