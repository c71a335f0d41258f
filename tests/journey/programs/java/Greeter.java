import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A service with its web server in itself: GET /health, GET /version. */
public final class Greeter {
    private Greeter() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv("SERVICE_PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/health", exchange -> answer(exchange, "OK"));
        server.createContext("/version", exchange -> answer(exchange, System.getenv("SERVICE_VERSION")));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("greeter ends")));
        server.start();
        System.out.println("greeter answers on " + port);
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
