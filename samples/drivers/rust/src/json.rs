//! JSON for a driver: a strict reader (RFC 8259, no key twice, at most 64 levels) and a compact writer.

use crate::abi::DOCUMENT_MAX_DEPTH;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number, // that it is one; no driver of ours needs which
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    pub fn member(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn write(&self, out: &mut String) {
        match self {
            Value::Null | Value::Number => out.push_str("null"),
            Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Value::Text(text) => write_text(text, out),
            Value::List(items) => {
                write_all(items, ['[', ']'], out, |item, out| item.write(out));
            }
            Value::Object(members) => {
                write_all(members, ['{', '}'], out, |(key, value), out| {
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                });
            }
        }
    }
}

pub fn text(value: &str) -> Value {
    Value::Text(value.to_string())
}

pub fn object(members: Vec<(&str, Value)>) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
}

fn write_all<T>(all: &[T], brackets: [char; 2], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push(brackets[0]);
    for (at, each) in all.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(each, out);
    }
    out.push(brackets[1]);
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The value, or why there is none.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "bytes that are no UTF-8".to_string())?;
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.space();
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err("something stands after the value".to_string())
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches(&[' ', '\n', '\t', '\r'][..]);
    }

    fn take(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.space();
        if self.rest.starts_with(&['{', '['][..]) && depth == DOCUMENT_MAX_DEPTH {
            return Err("nested deeper than 64 levels".to_string());
        }
        match self.rest.bytes().next() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            _ if self.take("true") => Ok(Value::Bool(true)),
            _ if self.take("false") => Ok(Value::Bool(false)),
            _ if self.take("null") => Ok(Value::Null),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        self.take("[");
        self.space();
        if self.take("]") {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.space();
            if self.take("]") {
                return Ok(Value::List(items));
            }
            if !self.take(",") {
                return Err("expected ',' or ']'".to_string());
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        let mut members = Vec::new();
        let mut keys = std::collections::HashSet::new();
        self.take("{");
        self.space();
        if self.take("}") {
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let key = self.string()?;
            if !keys.insert(key.clone()) {
                return Err(format!("\"{}\" stands twice", key));
            }
            self.space();
            if !self.take(":") {
                return Err("expected ':'".to_string());
            }
            members.push((key, self.value(depth)?));
            self.space();
            if self.take("}") {
                return Ok(Value::Object(members));
            }
            if !self.take(",") {
                return Err("expected ',' or '}'".to_string());
            }
        }
    }

    fn digits(&mut self) -> Result<(), String> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == self.rest.len() {
            return Err("expected a value".to_string());
        }
        self.rest = rest;
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        if self.take(".") {
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            self.digits()?;
        }
        Ok(Value::Number)
    }

    fn string(&mut self) -> Result<String, String> {
        let mut text = String::new();
        if !self.take("\"") {
            return Err("expected a string".to_string());
        }
        loop {
            match self.next().ok_or("a string without its end")? {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                c if c < ' ' => return Err("a control character in a string".to_string()),
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let wrong = || "an escape that JSON does not have".to_string();
        Ok(match self.next().ok_or_else(wrong)? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.hex().ok_or_else(wrong)?;
                let second = if (0xD800..0xDC00).contains(&first) && self.take("\\u") { self.hex() } else { None };
                let units = [first, second.unwrap_or(0)];
                let used = if second.is_some() { 2 } else { 1 };
                String::from_utf16(&units[..used])
                    .ok()
                    .and_then(|pair| pair.chars().next())
                    .ok_or("a lone surrogate")?
            }
            _ => return Err(wrong()),
        })
    }

    fn hex(&mut self) -> Option<u16> {
        let digits = self.rest.get(..4)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = &self.rest[4..];
        u16::from_str_radix(digits, 16).ok()
    }
}
