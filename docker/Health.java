import java.net.HttpURLConnection;
import java.net.URI;

/** Ends with 0 if Shopbridge in this container says that it lives, else with 1. The image has no curl. */
public class Health {

    public static void main(String[] args) throws Exception {
        String port = System.getenv().getOrDefault("SERVER_PORT", "8080");
        URI health = URI.create("http://127.0.0.1:" + port + "/actuator/health/liveness");
        HttpURLConnection request = (HttpURLConnection) health.toURL().openConnection();
        request.setConnectTimeout(3000);
        request.setReadTimeout(5000);
        System.exit(request.getResponseCode() == 200 ? 0 : 1);
    }
}
