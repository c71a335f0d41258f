/* JSON read where it stands: nothing is copied, nothing allocated. json_document checks a whole text, strictly by RFC 8259;
 * the others then walk over what is known to be good. A value is the text from `at` to `end`; one that is absent has no
 * text.
 *
 * What is refused: bad UTF-8, lone surrogates, depth past 64, size past 1 MiB, anything after the value. A key that stands
 * twice is told by json_member, for the keys that somebody asks for. */
#ifndef ACME_JSON_H
#define ACME_JSON_H

#include <string.h>
#include <tenon/plugin.h>

typedef struct json {
  const char *at, *end;
} json;

static void json_space(json* in) {
  while (in->at < in->end && (*in->at == ' ' || *in->at == '\n' || *in->at == '\t' || *in->at == '\r')) in->at++;
}

static int json_take(json* in, char c) { return in->at < in->end && *in->at == c && (in->at++, 1); }

static int json_word(json* in, const char* word) {
  const size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) return 0;
  in->at += length;
  return 1;
}

static int json_digits(json* in) {
  const char* from = in->at;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
  return in->at > from;
}

static int json_number(json* in) {
  json_take(in, '-');
  if (!json_take(in, '0') && !json_digits(in)) return 0;
  if (json_take(in, '.') && !json_digits(in)) return 0;
  if (!json_take(in, 'e') && !json_take(in, 'E')) return 1;
  if (!json_take(in, '+')) json_take(in, '-');
  return json_digits(in);
}

static long json_hex(json* in) {
  long code = 0;
  for (int i = 0; i < 4; i++, in->at++) {
    const char *digits = "0123456789abcdef0123456789ABCDEF", *digit = NULL;
    if (in->at < in->end && *in->at != '\0') digit = strchr(digits, *in->at);
    if (!digit) return -1;
    code = code * 16 + (digit - digits) % 16;
  }
  return code;
}

static long json_escape(json* in) {
  static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char* name = in->at < in->end && *in->at != '\0' ? strchr(names, *in->at) : NULL;
  long code, low;
  if (name) return in->at++, meanings[name - names];
  if (!json_take(in, 'u') || (code = json_hex(in)) < 0) return -1;
  if (code < 0xD800 || code > 0xDFFF) return code;
  if (code > 0xDBFF || !json_word(in, "\\u") || (low = json_hex(in)) < 0xDC00 || low > 0xDFFF) return -1;
  return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* The next character of a string, as its code point; -1 where there is none that may stand there. */
static long json_char(json* in) {
  static const long least[] = {0, 0x80, 0x800, 0x10000};
  const unsigned char byte = in->at < in->end ? (unsigned char)*in->at++ : 0;
  const int more = byte < 0x80                   ? 0
                   : byte >= 0xC2 && byte < 0xE0 ? 1
                   : (byte & 0xF0) == 0xE0       ? 2
                   : byte >= 0xF0 && byte < 0xF5 ? 3
                                                 : -1;
  long code = byte;
  if (byte < 0x20 || more < 0) return -1;
  if (byte == '\\') return json_escape(in);
  if (more > 0) code = byte & (0x3F >> more);
  for (int i = 0; i < more; i++) {
    if (in->at == in->end || ((unsigned char)*in->at & 0xC0) != 0x80) return -1;
    code = code << 6 | ((unsigned char)*in->at++ & 0x3F);
  }
  return code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? -1 : code;
}

static int json_string(json* in) {
  if (!json_take(in, '"')) return 0;
  while (!json_take(in, '"')) {
    if (json_char(in) < 0) return 0;
  }
  return 1;
}

/* `levels`: how many more may be opened. */
static int json_value(json* in, unsigned levels) {
  char close;
  json_space(in);
  if (in->at == in->end) return 0;
  if (*in->at == '"') return json_string(in);
  if (*in->at != '{' && *in->at != '[')
    return json_word(in, "true") || json_word(in, "false") || json_word(in, "null") || json_number(in);
  if (levels == 0) return 0;
  close = *in->at++ == '{' ? '}' : ']';
  json_space(in);
  if (json_take(in, close)) return 1;
  do {
    json_space(in);
    if (close == '}' && (!json_string(in) || (json_space(in), !json_take(in, ':')))) return 0;
    if (!json_value(in, levels - 1)) return 0;
    json_space(in);
  } while (json_take(in, ','));
  return json_take(in, close);
}

/* False: it is no JSON. */
static int json_document(tenon_str text, json* value) {
  json in;
  if (!text.ptr || text.len > TENON_DOCUMENT_MAX_BYTES) return 0;
  in.at = text.ptr;
  in.end = text.ptr + text.len;
  json_space(&in);
  value->at = in.at;
  if (!json_value(&in, TENON_DOCUMENT_MAX_DEPTH)) return 0;
  value->end = in.at;
  json_space(&in);
  return in.at == in.end;
}

static int json_is(json value, char first) { return value.at && *value.at == first; }

/* The next item of a list, or key of an object (take json_after next). `rest` begins as the whole list or object, and
 * becomes what is left of it. */
static int json_next(json* rest, json* item) {
  rest->at++; /* its bracket, or the comma */
  json_space(rest);
  if (rest->at == rest->end || *rest->at == ']' || *rest->at == '}') return 0;
  item->at = rest->at;
  json_value(rest, TENON_DOCUMENT_MAX_DEPTH);
  item->end = rest->at;
  json_space(rest);
  return 1;
}

/* The value behind a key that json_next gave. */
static json json_after(json* rest) {
  json value;
  rest->at++; /* the colon */
  json_space(rest);
  value.at = rest->at;
  json_value(rest, TENON_DOCUMENT_MAX_DEPTH);
  value.end = rest->at;
  json_space(rest);
  return value;
}

/* Does this string say that, whichever way it is escaped? */
static int json_says(json string, const char* text) {
  if (!json_is(string, '"')) return 0;
  for (string.at++; *string.at != '"'; text++) {
    if (json_char(&string) != (unsigned char)*text || *text == '\0') return 0;
  }
  return *text == '\0';
}

/* How often the object has the key; its last value. 0 for what is no object. */
static int json_member(json object, const char* key, json* value) {
  json name;
  int count = 0;
  value->at = value->end = NULL;
  if (!json_is(object, '{')) return 0;
  while (json_next(&object, &name)) {
    const json found = json_after(&object);
    if (json_says(name, key)) *value = found, count++;
  }
  return count;
}

/* No program, argument or path can. */
static int json_holds_nul(json string) {
  for (string.at++; *string.at != '"';) {
    if (json_char(&string) == 0) return 1;
  }
  return 0;
}

/* A string as text that ends with a NUL. False: no string, holds a NUL itself, or is longer than `room`. */
static int json_text(json string, char* to, size_t room) {
  size_t used = 0;
  if (!json_is(string, '"')) return 0;
  for (string.at++; *string.at != '"';) {
    const long code = json_char(&string);
    const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    if (code <= 0 || used + 5 > room) return 0;
    to[used++] = (char)(more == 0 ? code : ((0xFF00 >> (more + 1)) & 0xFF) | (code >> (6 * more)));
    for (int i = more - 1; i >= 0; i--) to[used++] = (char)(0x80 | ((code >> (6 * i)) & 0x3F));
  }
  to[used] = '\0';
  return 1;
}

#endif
