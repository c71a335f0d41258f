//! exec type "static": a folder of web pages of the package, served by the node's python3.
//!   "exec": { "type": "static", "folder": "www" }
//!
//! A runtime driver in Rust, by the C ABI and the standard library alone. The driver is two functions from a request to an
//! answer or a `Problem`; `guarded` is the border, where a problem becomes a document and a panic ends.

mod abi;
mod json;

use abi::{Driver, Entry, Sink, Str};
use json::{object, text, Value};
use std::os::raw::{c_char, c_void};
use std::os::unix::fs::PermissionsExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::{Component, Path};

/// Why a call cannot be answered. `field`: a dotted path into the request.
struct Problem {
    code: i32,
    message: String,
    more: Vec<(&'static str, String)>,
}

fn problem(code: i32, message: impl Into<String>) -> Problem {
    Problem { code, message: message.into(), more: Vec::new() }
}

fn invalid(field: &str, message: impl Into<String>) -> Problem {
    problem(abi::INVALID, message).with("field", field)
}

impl Problem {
    fn with(mut self, member: &'static str, value: &str) -> Problem {
        self.more.push((member, value.to_string()));
        self
    }

    fn document(&self) -> String {
        let mut members = vec![("message", text(&self.message))];
        members.extend(self.more.iter().map(|(member, value)| (*member, text(value))));
        let mut out = String::new();
        object(members).write(&mut out);
        out
    }
}

// ---- the driver ---------------------------------------------------------------------------------------------------------

fn fingerprint(request: &Value) -> Result<Value, Problem> {
    let search_path = optional_text(request, "search_path", "search_path")?.unwrap_or("");
    let found = search_path.split(':').filter(|folder| folder.starts_with('/')).find_map(|folder| {
        let program = format!("{}/python3", folder);
        let about = std::fs::metadata(&program).ok()?;
        (about.is_file() && about.permissions().mode() & 0o111 != 0).then(|| program)
    });
    let mut answer = vec![("schema", text("tenon.fingerprint/1"))];
    match found {
        Some(program) => {
            answer.push(("health", text("healthy")));
            answer.push(("attributes", object(vec![("python.path", text(&program))])));
        }
        None => {
            answer.push(("health", text("undetected")));
            answer.push(("why", text("no python3 on the node's search path")));
        }
    }
    Ok(object(answer))
}

fn plan(request: &Value) -> Result<Value, Problem> {
    let package = optional_text(request, "package_dir", "package_dir")?.ok_or_else(|| invalid("package_dir", "missing"))?;
    let exec = optional_object(request, "exec")?;
    let folder = optional_text(exec, "folder", "exec.folder")?
        .ok_or_else(|| invalid("exec.folder", "name the folder of the package to serve"))?;
    if folder.is_empty() || !Path::new(folder).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(invalid("exec.folder", format!("{} lies outside the package", folder)));
    }
    if !Path::new(package).join(folder).is_dir() {
        return Err(invalid("exec.folder", format!("the package has no folder {}", folder)));
    }
    let served = format!("${{SERVICE_HOME}}/{}", literal(folder));
    let args = ["-m", "http.server", "${SERVICE_PORT}", "--bind", "127.0.0.1", "--directory", &served];
    Ok(object(vec![
        ("schema", text("tenon.plan/1")),
        ("program", text(&literal(nodes_python(request)?))),
        ("args", Value::List(args.iter().map(|arg| text(arg)).collect())),
        ("env", object(vec![("PYTHONUNBUFFERED", text("1"))])),
    ]))
}

/// Where `fingerprint` found it, unless the node wants packages to bring their runtime.
fn nodes_python(request: &Value) -> Result<&str, Problem> {
    match optional_object(request, "policy")?.member("system_runtime") {
        None | Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => {
            return Err(invalid("exec.type", "this node runs only packages that bring their own runtime"));
        }
        Some(_) => return Err(invalid("policy.system_runtime", "expected true or false")),
    }
    optional_text(optional_object(request, "fingerprint")?, "python.path", "fingerprint.python.path")?.ok_or_else(|| {
        problem(abi::UNAVAILABLE, "this node has no python3")
            .with("code", "resource-missing")
            .with("hint", "install python3")
    })
}

/// What the machine or a file is called, safe for a plan, in which "${NAME}" stands for what the host puts there.
fn literal(fact: &str) -> String {
    fact.replace("${", "$${")
}

// ---- requests -----------------------------------------------------------------------------------------------------------

fn optional_text<'a>(object: &'a Value, key: &str, path: &str) -> Result<Option<&'a str>, Problem> {
    match object.member(key) {
        None => Ok(None),
        Some(Value::Text(found)) if found.contains('\0') => Err(invalid(path, "holds a NUL character")),
        Some(Value::Text(found)) => Ok(Some(found)),
        Some(_) => Err(invalid(path, "expected a string")),
    }
}

fn optional_object<'a>(request: &'a Value, key: &str) -> Result<&'a Value, Problem> {
    match request.member(key) {
        None => Ok(&Value::Null),
        Some(found @ Value::Object(_)) => Ok(found),
        Some(_) => Err(invalid(key, "expected an object")),
    }
}

/// What every request has in common: strict JSON, its schema, and that all that it insists on is known.
fn read_request(bytes: &[u8], schema: &str, known: &[&str]) -> Result<Value, Problem> {
    if bytes.len() > abi::DOCUMENT_MAX_BYTES {
        return Err(problem(abi::INVALID, "the request is larger than 1 MiB"));
    }
    let request = json::parse(bytes).map_err(|why| problem(abi::INVALID, format!("the request is no JSON: {}", why)))?;
    if request.member("schema") != Some(&text(schema)) {
        return Err(invalid("schema", format!("expected \"{}\"", schema)));
    }
    let needed = match request.member("must_understand") {
        None => return Ok(request),
        Some(Value::List(names)) => names,
        Some(_) => return Err(invalid("must_understand", "expected a list of member names")),
    };
    for name in needed {
        match name {
            Value::Text(name) if known.contains(&name.as_str()) => {}
            Value::Text(name) => {
                return Err(problem(abi::UNSUPPORTED, "this plugin does not know it")
                    .with("field", name)
                    .with("hint", "upgrade the plugin"));
            }
            _ => return Err(invalid("must_understand", "expected a list of member names")),
        }
    }
    Ok(request)
}

// ---- the border ---------------------------------------------------------------------------------------------------------

/// Runs `work`, and gives its answer or its problem to the sink. No panic passes.
fn guarded(out: &Sink, work: impl FnOnce() -> Result<Value, Problem>) -> i32 {
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let mut document = String::new();
        work()?.write(&mut document);
        if document.len() > abi::DOCUMENT_MAX_BYTES {
            return Err(problem(abi::INTERNAL, "the answer is larger than 1 MiB"));
        }
        match unsafe { (out.document)(out.ctx, Str::of(document.as_bytes())) } {
            0 => Ok(()),
            _ => Err(problem(abi::CANCELLED, "cancelled by the host")),
        }
    }));
    let refused = match answered {
        Ok(Ok(())) => return abi::OK,
        Ok(Err(refused)) => refused,
        Err(_) => problem(abi::INTERNAL, "the plugin panicked"),
    };
    unsafe { (out.problem)(out.ctx, refused.code, Str::of(refused.document().as_bytes())) };
    refused.code
}

unsafe extern "C" fn fingerprint_op(_self: *mut c_void, request: Str, out: *const Sink) -> i32 {
    let known = ["schema", "platforms", "search_path"];
    guarded(&*out, || fingerprint(&read_request(request.bytes(), "tenon.fingerprint-request/1", &known)?))
}

unsafe extern "C" fn plan_op(_self: *mut c_void, request: Str, out: *const Sink) -> i32 {
    let known = [
        "schema", "service_id", "version", "platform", "package_dir", "exec", "entrypoint", "memory_mb", "fingerprint",
        "policy",
    ];
    guarded(&*out, || plan(&read_request(request.bytes(), "tenon.plan-request/1", &known)?))
}

unsafe extern "C" fn open(_host: *const c_void, state: *mut *mut c_void) -> i32 {
    *state = std::ptr::null_mut(); // a driver keeps none
    abi::OK
}

unsafe extern "C" fn extension(_self: *mut c_void, id: *const c_char) -> *const c_void {
    static DRIVER: Driver = Driver {
        struct_size: std::mem::size_of::<Driver>() as u32,
        reserved0: 0,
        fingerprint: fingerprint_op,
        plan: plan_op,
    };
    if std::ffi::CStr::from_ptr(id).to_bytes() != b"tenon.driver/1" {
        return std::ptr::null();
    }
    &DRIVER as *const Driver as *const c_void
}

unsafe extern "C" fn close(_self: *mut c_void) {}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static tenon_plugin_v1: Entry = Entry {
    magic: abi::MAGIC,
    struct_size: std::mem::size_of::<Entry>() as u32,
    abi_major: abi::MAJOR,
    abi_minor_built: abi::MINOR,
    abi_minor_min: 0,
    reserved0: 0,
    open,
    extension,
    close,
};

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn take_document(_: *mut c_void, _: Str) -> i32 {
        0
    }
    unsafe extern "C" fn take_problem(ctx: *mut c_void, _: i32, json: Str) {
        (*(ctx as *mut Vec<u8>)).extend_from_slice(json.bytes());
    }

    #[test]
    fn a_panic_becomes_a_problem() {
        let mut told: Vec<u8> = Vec::new();
        let sink = Sink {
            struct_size: std::mem::size_of::<Sink>() as u32,
            reserved0: 0,
            ctx: &mut told as *mut Vec<u8> as *mut c_void,
            document: take_document,
            problem: take_problem,
        };
        assert_eq!(guarded(&sink, || panic!("a bug")), abi::INTERNAL);
        assert_eq!(told, br#"{"message":"the plugin panicked"}"#);
    }
}
