"""A WSGI application that says who answers."""
import os


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d of %s" % (os.getpid(), os.environ["SERVICE_VERSION"].encode())]
