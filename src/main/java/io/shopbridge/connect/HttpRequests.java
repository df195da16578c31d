package io.shopbridge.connect;

import java.net.http.HttpClient;
import java.time.Duration;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;

/** Requests outside of the routes. */
public final class HttpRequests {

    private HttpRequests() {
    }

    /** Redirects are not followed, so that credentials reach only the host they are for. */
    public static ClientHttpRequestFactory factory(Duration toConnect, Duration toAnswer) {
        var requests = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(toConnect).build());
        requests.setReadTimeout(toAnswer);
        return requests;
    }
}
