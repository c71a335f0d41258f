"""A plugin's library, loaded and called through the C ABI by ctypes."""

import ctypes as c
import json


class Str(c.Structure):
    _fields_ = [("ptr", c.c_char_p), ("len", c.c_uint64)]

    def text(self):
        return c.string_at(self.ptr, self.len).decode() if self.len else ""


DOCUMENT = c.CFUNCTYPE(c.c_int32, c.c_void_p, Str)
PROBLEM = c.CFUNCTYPE(None, c.c_void_p, c.c_int32, Str)


class Sink(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("reserved0", c.c_uint32), ("ctx", c.c_void_p), ("document", DOCUMENT), ("problem", PROBLEM)]


OP = c.CFUNCTYPE(c.c_int32, c.c_void_p, Str, c.POINTER(Sink))


class Entry(c.Structure):
    _fields_ = [
        ("magic", c.c_uint32), ("struct_size", c.c_uint32),
        ("abi_major", c.c_uint16), ("abi_minor_built", c.c_uint16), ("abi_minor_min", c.c_uint16), ("reserved0", c.c_uint16),
        ("open", c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(c.c_void_p))),
        ("extension", c.CFUNCTYPE(c.c_void_p, c.c_void_p, c.c_char_p)),
        ("close", c.CFUNCTYPE(None, c.c_void_p)),
    ]


class Table(c.Structure):
    """The beginning of any table whose first functions take and give documents."""

    _fields_ = [("struct_size", c.c_uint32), ("reserved0", c.c_uint32), ("first", OP), ("second", OP)]


class Plugin:
    """`operations`: the names of the table's first functions, two at most."""

    def __init__(self, library, extension, operations):
        self._library = c.CDLL(str(library))  # never unloaded
        self._entry = Entry.in_dll(self._library, "tenon_plugin_v1")
        self._self = c.c_void_p()
        if self._entry.open(None, c.byref(self._self)) != 0:
            raise RuntimeError(f"{library} does not open")
        table = self._entry.extension(self._self, extension.encode())
        if not table:
            raise RuntimeError(f"{library} does not offer {extension}")
        table = c.cast(table, c.POINTER(Table)).contents
        self._operations = dict(zip(operations, (table.first, table.second)))

    def ask(self, operation, request):
        """What it answers: its code, the documents, the problems."""
        documents, problems = [], []
        take = DOCUMENT(lambda _, text: documents.append(json.loads(text.text())) or 0)
        tell = PROBLEM(lambda _, __, text: problems.append(json.loads(text.text())))
        sink = Sink(c.sizeof(Sink), 0, None, take, tell)
        text = json.dumps(request).encode()
        code = self._operations[operation](self._self, Str(text, len(text)), c.byref(sink))
        return code, documents, problems
