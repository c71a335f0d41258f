import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

/** Answers on SERVICE_PORT; /health tells Tenon that it is ready. */
public class Main {
  public static void main(String[] args) throws IOException {
    var answers = Map.of(
        "/", "{\"service\": \"${SERVICE_ID}\", \"version\": \"" + System.getenv("SERVICE_VERSION") + "\"}",
        "/health", "{\"status\": \"ok\"}");
    var port = Integer.parseInt(System.getenv("SERVICE_PORT"));
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext("/", exchange -> {
      var answer = answers.get(exchange.getRequestURI().getPath());
      var body = (answer != null ? answer : "{\"error\": \"nothing is here\"}").getBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(answer != null ? 200 : 404, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
