package io.shopbridge.receive;

import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/**
 * Filter before everything else for requests to {@code /webhooks}. Until its signature is checked, a webhook may be
 * anyone's, so it must cost little: a request without a configured store, or that is too large, is refused unread; a
 * body is read up to a size and a time without its own thread; and its bytes are passed on unchanged, to the route file
 * {@code 1-receive/shopify-webhook}. No other filter and no servlet sees the request.
 */
@Component("webhookFilter")
class WebhookFilter extends HttpFilter {

    private static final Pattern ADDRESS = Pattern.compile("/webhooks/shopify/([^/]+)");
    /** The part of a name, which anyone can invent, that may be repeated in logs and answers. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9._-]{1,40}");
    static final String STARTING = "Shopbridge is starting or stopping";
    private static final long SHARE_OF_THE_HEAP = 8;

    private final Stores stores;
    private final WebhookRoute route;
    private final WebhookCounts counts;
    private final BodyMemory memory;
    private final long largest;
    private final Duration wait;

    WebhookFilter(Stores stores, WebhookRoute route, WebhookCounts counts, ShopbridgeSettings settings) {
        this.stores = stores;
        this.route = route;
        this.counts = counts;
        this.largest = settings.webhook().maxBody().toBytes();
        this.wait = settings.webhook().bodyWait();
        this.memory = new BodyMemory(settings.webhook().bodyMemory() == null
                ? Runtime.getRuntime().maxMemory() / SHARE_OF_THE_HEAP : settings.webhook().bodyMemory().toBytes());
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException {
        Matcher address = ADDRESS.matcher(path(request));
        Store store = address.matches() ? stores.find(name(address)).orElse(null) : null;
        BodyReader body = new BodyReader(request, response, store, route, counts, memory, largest, wait);
        if (store == null) {
            body.refuse(Refusal.UNKNOWN_STORE, address.matches() ? unknown(name(address))
                    : "The webhook endpoint is /webhooks/shopify/<store>, with the name of a store");
        } else if (!request.getMethod().equals("POST")) {
            response.setHeader("Allow", "POST");
            body.refuse(Refusal.NOT_A_POST, "A webhook is a POST request");
        } else if (route.open().isEmpty()) {
            body.refuse(Refusal.STARTING, STARTING);
        } else if (request.getContentLengthLong() > largest) {
            body.refuse(Refusal.TOO_LARGE, BodyReader.tooLarge(largest));
        } else {
            body.read();
        }
    }

    /** As it was sent: a path that is only valid after decoding of dots, slashes and semicolons is refused. */
    private static String path(HttpServletRequest request) {
        return request.getRequestURI().substring(request.getContextPath().length());
    }

    private static String name(Matcher address) {
        return UriUtils.decode(address.group(1), StandardCharsets.UTF_8);
    }

    private static String unknown(String name) {
        return "No store " + (PLAIN_NAME.matcher(name).matches() ? "\"" + name + "\"" : "of this name")
                + " is configured";
    }
}
