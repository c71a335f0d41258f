/* exec type "perl": a Perl script of the package, run by the node's perl. Modules in the package's lib/ are found.
 *   "exec": { "type": "perl", "entry": "app/serve.pl", "args": ["${SERVICE_PORT}"] }
 *
 * A runtime driver in plain C99 and POSIX, by the ABI alone. What a service's author wrote is copied into the plan as it
 * stands in the request, where it is checked JSON already; the rest goes through `put`. */
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <tenon/plugin.h>
#include <unistd.h>

#include "json.h"

enum { PATH_ROOM = 4096, SEARCH_PATH_ROOM = 32768 };

/* ---- answers ------------------------------------------------------------------------------------------------------ */

/* A document under way. Begins as zeros; `put` makes room, and `failed` says that there was none. */
typedef struct text {
  char* ptr;
  size_t length, room;
  int failed;
} text;

static void put_bytes(text* to, const char* bytes, size_t count) {
  if (!to->failed && to->room - to->length < count) {
    const size_t room = 2 * to->room + count + 512;
    char* more = realloc(to->ptr, room);
    if (more) to->ptr = more, to->room = room;
    to->failed = !more;
  }
  if (to->failed || count == 0) return;
  memcpy(to->ptr + to->length, bytes, count);
  to->length += count;
}

/* A text of the machine, as the inside of a JSON string. In a plan, "${" would stand for what the host puts there. */
static void put_literal(text* to, const char* from, int in_plan) {
  static const char hex[] = "0123456789abcdef";
  for (; *from != '\0'; from++) {
    const unsigned char c = (unsigned char)*from;
    const char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    if (c < 0x20) {
      put_bytes(to, escape, sizeof escape);
      continue;
    }
    if (c == '"' || c == '\\') put_bytes(to, "\\", 1);
    if (in_plan && c == '$' && from[1] == '{') put_bytes(to, "$", 1);
    put_bytes(to, from, 1);
  }
}

/* %s: as it is; %j: a value of the request, as it stands there; %i: the inside of such a string; %l: put_literal; %p: that,
 * in a plan. A document of ours has no % of its own. */
static void put_all(text* to, const char* format, va_list arguments) {
  for (; *format != '\0'; format++) {
    json value;
    const char* string;
    if (*format != '%') {
      put_bytes(to, format, 1);
      continue;
    }
    switch (*++format) {
      case 'j':
      case 'i':
        value = va_arg(arguments, json);
        if (*format == 'i') value.at++, value.end--;
        put_bytes(to, value.at, (size_t)(value.end - value.at));
        break;
      case 's':
        string = va_arg(arguments, const char*);
        put_bytes(to, string, strlen(string));
        break;
      default:
        put_literal(to, va_arg(arguments, const char*), *format == 'p');
    }
  }
}

static void put(text* to, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put_all(to, format, arguments);
  va_end(arguments);
}

/* Tells the problem, and gives the code that the call ends with. */
static int32_t refuse(const tenon_sink* out, int32_t code, const char* format, ...) {
  static const char none[] = "{\"message\":\"the plugin ran out of memory\"}";
  text problem = {0};
  tenon_str told = {none, sizeof none - 1};
  va_list arguments;
  va_start(arguments, format);
  put_all(&problem, format, arguments);
  va_end(arguments);
  if (!problem.failed) told.ptr = problem.ptr, told.len = problem.length;
  out->problem(out->ctx, code, told);
  free(problem.ptr);
  return code;
}

/* Gives the document to the host, and its memory back. */
static int32_t answer(const tenon_sink* out, text* document) {
  const tenon_str whole = {document->ptr, document->length};
  const int fits = !document->failed && document->length <= TENON_DOCUMENT_MAX_BYTES;
  const int32_t stop = fits ? out->document(out->ctx, whole) : 0;
  free(document->ptr);
  if (!fits) return refuse(out, TENON_INTERNAL, "{\"message\":\"the answer is larger than 1 MiB, or memory has run out\"}");
  return stop ? refuse(out, TENON_CANCELLED, "{\"message\":\"cancelled by the host\"}") : TENON_OK;
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

static int among(json name, const char* const* known) {
  for (; *known; known++) {
    if (json_says(name, *known)) return 1;
  }
  return 0;
}

/* What every request has in common: strict JSON, its schema, and that all that it insists on is known. */
static int32_t read_request(tenon_str from, const char* schema, const char* const* known, json* request,
                            const tenon_sink* out) {
  json value, name;
  if (!json_document(from, request)) return refuse(out, TENON_INVALID, "{\"message\":\"the request is no JSON\"}");
  if (json_member(*request, "schema", &value) != 1 || !json_says(value, schema))
    return refuse(out, TENON_INVALID, "{\"message\":\"expected %s\",\"field\":\"schema\"}", schema);
  if (json_member(*request, "must_understand", &value) == 0) return TENON_OK;
  if (!json_is(value, '['))
    return refuse(out, TENON_INVALID, "{\"message\":\"expected a list\",\"field\":\"must_understand\"}");
  while (json_next(&value, &name)) {
    if (!json_is(name, '"'))
      return refuse(out, TENON_INVALID, "{\"message\":\"expected names\",\"field\":\"must_understand\"}");
    if (!among(name, known))
      return refuse(out, TENON_UNSUPPORTED,
                    "{\"message\":\"this plugin does not know it\",\"field\":%j,\"hint\":\"upgrade the plugin\"}", name);
  }
  return TENON_OK;
}

/* A member that may be absent, of the kind that begins with `first`. */
static int32_t member(json object, const char* path, char first, json* value, const tenon_sink* out) {
  const char* dot = strrchr(path, '.');
  const int count = json_member(object, dot ? dot + 1 : path, value);
  const char* kind = first == '"' ? "a string" : first == '{' ? "an object" : "a list of strings";
  if (count > 1) return refuse(out, TENON_INVALID, "{\"message\":\"stands twice\",\"field\":\"%s\"}", path);
  if (count == 0 || json_is(*value, first)) return TENON_OK;
  return refuse(out, TENON_INVALID, "{\"message\":\"expected %s\",\"field\":\"%s\"}", kind, path);
}

/* ---- fingerprint -------------------------------------------------------------------------------------------------- */

static int is_program(const char* path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

/* The first perl in a PATH, in its own place; NULL where there is none. */
static const char* find_perl(const char* search_path, char* found, size_t room) {
  static const char name[] = "/perl";
  while (*search_path != '\0') {
    const size_t length = strcspn(search_path, ":");
    if (*search_path == '/' && length + sizeof name <= room) {
      memcpy(found, search_path, length);
      memcpy(found + length, name, sizeof name);
      if (is_program(found)) return found;
    }
    search_path += length + (search_path[length] == ':');
  }
  return NULL;
}

static int32_t fingerprint(void* self, tenon_str from, const tenon_sink* out) {
  static const char* const known[] = {"schema", "platforms", "search_path", NULL};
  char search_path[SEARCH_PATH_ROOM] = "", path[PATH_ROOM];
  json request, value;
  text document = {0};
  int32_t code = read_request(from, "tenon.fingerprint-request/1", known, &request, out);
  (void)self;
  if (code == TENON_OK) code = member(request, "search_path", '"', &value, out);
  if (code != TENON_OK) return code;
  if (value.at && !json_text(value, search_path, sizeof search_path))
    return refuse(out, TENON_INVALID, "{\"message\":\"too long, or holds a NUL\",\"field\":\"search_path\"}");
  put(&document, "{\"schema\":\"tenon.fingerprint/1\",");
  if (find_perl(search_path, path, sizeof path))
    put(&document, "\"health\":\"healthy\",\"attributes\":{\"perl.path\":\"%l\"}}", path);
  else
    put(&document, "\"health\":\"undetected\",\"why\":\"no perl on the node's search path\"}");
  return answer(out, &document);
}

/* ---- plan --------------------------------------------------------------------------------------------------------- */

/* A relative path with no ".." in it: what lies in the package. */
static int is_inside(const char* path) {
  if (*path == '\0' || *path == '/') return 0;
  for (; *path != '\0'; path += *path == '/') {
    const size_t length = strcspn(path, "/");
    if (length == 2 && memcmp(path, "..", 2) == 0) return 0;
    path += length;
  }
  return 1;
}

static int32_t check_entry(json request, const char* entry, json named, const tenon_sink* out) {
  char path[2 * PATH_ROOM];
  struct stat found;
  size_t length;
  json value;
  const int32_t code = member(request, "package_dir", '"', &value, out);
  if (code != TENON_OK) return code;
  if (!value.at || !json_text(value, path, PATH_ROOM))
    return refuse(out, TENON_INVALID, "{\"message\":\"missing, too long, or holds a NUL\",\"field\":\"package_dir\"}");
  if (!is_inside(entry))
    return refuse(out, TENON_INVALID, "{\"message\":\"%i lies outside the package\",\"field\":\"exec.entry\"}", named);
  length = strlen(path);
  path[length] = '/';
  strcpy(path + length + 1, entry); /* both are shorter than PATH_ROOM */
  if (stat(path, &found) == 0 && S_ISREG(found.st_mode)) return TENON_OK;
  return refuse(out, TENON_INVALID, "{\"message\":\"the package has no file %i\",\"field\":\"exec.entry\"}", named);
}

/* Where fingerprint() found it, unless the node wants packages to bring their runtime. */
static int32_t nodes_perl(json request, char* perl, const tenon_sink* out) {
  json value, path;
  int32_t code = member(request, "policy", '{', &value, out);
  if (code != TENON_OK) return code;
  if (json_member(value, "system_runtime", &path) > 0 && !json_is(path, 't')) {
    if (!json_is(path, 'f'))
      return refuse(out, TENON_INVALID, "{\"message\":\"expected true or false\",\"field\":\"policy.system_runtime\"}");
    return refuse(out, TENON_INVALID,
                  "{\"message\":\"this node runs only packages that bring their own runtime\",\"field\":\"exec.type\"}");
  }
  code = member(request, "fingerprint", '{', &value, out);
  if (code != TENON_OK) return code;
  if (json_member(value, "perl.path", &path) == 1 && json_text(path, perl, PATH_ROOM)) return TENON_OK;
  return refuse(out, TENON_UNAVAILABLE,
                "{\"message\":\"this node has no perl\",\"code\":\"resource-missing\",\"hint\":\"install perl-base\"}");
}

/* The author's arguments, after those that the plan has already. */
static int32_t put_args(text* plan, json args, const tenon_sink* out) {
  json item;
  char index[24];
  unsigned at = 0;
  if (!args.at) return TENON_OK;
  for (; json_next(&args, &item); at++) {
    snprintf(index, sizeof index, "exec.args[%u]", at);
    if (!json_is(item, '"'))
      return refuse(out, TENON_INVALID, "{\"message\":\"expected a string\",\"field\":\"%s\"}", index);
    if (json_holds_nul(item))
      return refuse(out, TENON_INVALID, "{\"message\":\"holds a NUL character\",\"field\":\"%s\"}", index);
    put(plan, ",%j", item);
  }
  return TENON_OK;
}

static int32_t put_plan(text* plan, json request, const tenon_sink* out) {
  char entry[PATH_ROOM], perl[PATH_ROOM];
  json exec, named, args, cwd;
  int32_t code = member(request, "exec", '{', &exec, out);
  if (code == TENON_OK) code = member(exec, "exec.entry", '"', &named, out);
  if (code == TENON_OK) code = member(exec, "exec.args", '[', &args, out);
  if (code == TENON_OK) code = member(exec, "exec.cwd", '"', &cwd, out);
  if (code != TENON_OK) return code;
  if (!named.at) return refuse(out, TENON_INVALID, "{\"message\":\"name the script to run\",\"field\":\"exec.entry\"}");
  if (!json_text(named, entry, sizeof entry))
    return refuse(out, TENON_INVALID, "{\"message\":\"too long, or holds a NUL\",\"field\":\"exec.entry\"}");
  if (cwd.at && json_holds_nul(cwd))
    return refuse(out, TENON_INVALID, "{\"message\":\"holds a NUL character\",\"field\":\"exec.cwd\"}");
  code = check_entry(request, entry, named, out);
  if (code == TENON_OK) code = nodes_perl(request, perl, out);
  if (code != TENON_OK) return code;
  put(plan, "{\"schema\":\"tenon.plan/1\",\"program\":\"%p\",\"args\":[\"${SERVICE_HOME}/%p\"", perl, entry);
  code = put_args(plan, args, out);
  if (code != TENON_OK) return code;
  put(plan, "],\"env\":{\"PERL5LIB\":\"${SERVICE_HOME}/lib\"}");
  if (cwd.at) put(plan, ",\"cwd\":%j", cwd);
  put(plan, ",\"exit_codes\":{\"255\":\"the script died: why is in the log\"}}");
  return TENON_OK;
}

static int32_t plan(void* self, tenon_str from, const tenon_sink* out) {
  static const char* const known[] = {"schema",     "service_id", "version",     "platform", "package_dir", "exec",
                                      "entrypoint", "memory_mb",  "fingerprint", "policy",   NULL};
  json request;
  text document = {0};
  int32_t code = read_request(from, "tenon.plan-request/1", known, &request, out);
  (void)self;
  if (code == TENON_OK) code = put_plan(&document, request, out);
  if (code == TENON_OK) return answer(out, &document);
  free(document.ptr);
  return code;
}

/* ---- entry -------------------------------------------------------------------------------------------------------- */

static int32_t open_plugin(const tenon_host* host, void** self) {
  (void)host;
  *self = NULL; /* a driver keeps no state */
  return TENON_OK;
}

static const void* extension(void* self, const char* id) {
  static const tenon_driver driver = {sizeof driver, 0, fingerprint, plan};
  (void)self;
  return strcmp(id, TENON_EXT_DRIVER) == 0 ? &driver : NULL;
}

static void close_plugin(void* self) { (void)self; }

TENON_EXPORT extern const tenon_entry tenon_plugin_v1;
const tenon_entry tenon_plugin_v1 = {TENON_ENTRY_MAGIC, sizeof(tenon_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, 0, 0,
                                     open_plugin,       extension,           close_plugin};
