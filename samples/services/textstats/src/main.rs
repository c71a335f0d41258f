//! Counts a text: GET /health, and POST /stats with the text as the body. The standard library only.
//! $SERVICE_PORT says where to listen, $MODELS_DIR/stopwords.txt which words are too common to be told.

use std::collections::{HashMap, HashSet};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

const MAX_BODY_BYTES: usize = 1 << 20;
const MAX_HEADER_LINES: usize = 100;
const TOP_WORDS: usize = 5;

fn stats(text: &str, stopwords: &HashSet<String>) -> String {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut words = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        words += 1;
        let word = word.to_lowercase();
        if !stopwords.contains(&word) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut top: Vec<_> = counts.into_iter().collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let top: Vec<String> = top.iter().take(TOP_WORDS).map(|(word, n)| format!("{{\"word\":\"{word}\",\"count\":{n}}}")).collect();
    format!("{{\"characters\":{},\"words\":{},\"top\":[{}]}}", text.chars().count(), words, top.join(","))
}

fn answer(stream: &mut TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn serve(mut stream: TcpStream, stopwords: &HashSet<String>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.by_ref().take(8192).read_line(&mut line)?;
    let mut parts = line.split_whitespace();
    let (method, path) = (parts.next().unwrap_or("").to_string(), parts.next().unwrap_or("").to_string());
    let mut length = 0;
    for _ in 0..MAX_HEADER_LINES {
        let mut header = String::new();
        reader.by_ref().take(8192).read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
    }
    match (method.as_str(), path.as_str()) {
        ("GET", "/health") => answer(&mut stream, "200 OK", "{\"status\":\"OK\"}"),
        ("POST", "/stats") if length > MAX_BODY_BYTES => answer(&mut stream, "413 Content Too Large", "{\"error\":\"at most 1 MiB\"}"),
        ("POST", "/stats") => {
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            match std::str::from_utf8(&body) {
                Ok(text) => answer(&mut stream, "200 OK", &stats(text, stopwords)),
                Err(_) => answer(&mut stream, "400 Bad Request", "{\"error\":\"send UTF-8\"}"),
            }
        }
        _ => answer(&mut stream, "404 Not Found", "{\"error\":\"POST a text to /stats\"}"),
    }
}

fn main() -> std::io::Result<()> {
    let port = env::var("SERVICE_PORT").expect("SERVICE_PORT is set by tenon");
    let models = env::var("MODELS_DIR").expect("MODELS_DIR is set by tenon");
    let stopwords: Arc<HashSet<String>> =
        Arc::new(fs::read_to_string(format!("{models}/stopwords.txt"))?.lines().map(str::to_string).collect());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    println!("textstats on port {port}, {} stop words", stopwords.len());
    for stream in listener.incoming() {
        let stopwords = Arc::clone(&stopwords);
        let stream = stream?;
        std::thread::spawn(move || {
            if let Err(error) = serve(stream, &stopwords) {
                eprintln!("request: {error}");
            }
        });
    }
    Ok(())
}
