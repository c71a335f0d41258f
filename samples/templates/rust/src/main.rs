//! Answers on SERVICE_PORT; /health tells Tenon that it is ready.
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};

fn answer(path: &str) -> (&'static str, String) {
    let version = std::env::var("SERVICE_VERSION").unwrap_or_default();
    match path {
        "/" => ("200 OK", format!(r#"{{"service": "${SERVICE_ID}", "version": "{version}"}}"#)),
        "/health" => ("200 OK", r#"{"status": "ok"}"#.to_string()),
        _ => ("404 Not Found", r#"{"error": "nothing is here"}"#.to_string()),
    }
}

fn serve(mut stream: TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break; // the end of the headers
        }
    }
    let (status, body) = answer(request.split(' ').nth(1).unwrap_or("/"));
    let length = body.len();
    let head = "Content-Type: application/json\r\nConnection: close\r\nContent-Length";
    write!(stream, "HTTP/1.1 {status}\r\n{head}: {length}\r\n\r\n{body}")
}

fn main() -> Result<()> {
    let port = std::env::var("SERVICE_PORT").expect("SERVICE_PORT is not set");
    for stream in TcpListener::bind(format!("127.0.0.1:{port}"))?.incoming() {
        let stream = stream?;
        std::thread::spawn(move || serve(stream));
    }
    Ok(())
}
