package io.shopbridge.subscribe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.mirror.Interests;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminDenied;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.store.Store;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Reads and changes the webhook subscriptions of a shop. Of those in {@code shopify.app.toml} the API says nothing: a
 * topic that is subscribed to there counts as missing here, and would be sent twice, which costs nothing but traffic.
 *
 * @see <a href="https://shopify.dev/docs/api/admin-graphql/2026-10/queries/webhookSubscriptions">What is listed</a>
 */
@Component
public class Subscriptions {

    /** What Shopify says to a subscription that another process has made meanwhile. */
    private static final String TAKEN = "has already been taken";

    private final AdminApi api;
    private final Shopify shopify;
    private final Interests interests;
    private final SubscriptionSettings settings;

    Subscriptions(AdminApi api, Shopify shopify, Interests interests, SubscriptionSettings settings) {
        this.api = api;
        this.shopify = shopify;
        this.interests = interests;
        this.settings = settings;
    }

    /**
     * Compares what is registered with what the CRMs of the store need.
     *
     * @throws AdminFailure where the shop can't be asked
     */
    public Comparison compare(Store store) {
        Set<String> needed = shopify.subscribed(entity -> interests.uses(store, entity));
        return Comparison.of(settings.endpoint(store.name()), needed, registered(store.name()), shopify::understands);
    }

    /**
     * Mends these faults, as far as Shopify lets it.
     *
     * @return by topic, what Shopify refused and why
     * @throws AdminFailure where the shop can't be asked; what was mended before stays mended
     */
    public Map<String, String> mend(Store store, List<Fault> faults) {
        Map<String, String> refused = new LinkedHashMap<>();
        faults.forEach(fault -> {
            String error;
            try {
                error = mend(store.name(), fault);
            } catch (AdminDenied e) {
                // A topic may need a scope that the others don't.
                error = e.getMessage();
            }
            if (!error.isEmpty() && !error.contains(TAKEN)) {
                refused.put(fault.topic(), error);
            }
        });
        return refused;
    }

    private String mend(String store, Fault fault) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        if (fault.id() != null) {
            variables.put("id", fault.id());
        }
        if (fault.mending() != Fault.Mending.DELETE) {
            ObjectNode subscription = variables.putObject("subscription").put("uri", settings.endpoint(store))
                    .put("format", "JSON").put("filter", "");
            subscription.putArray("includeFields");
        }
        String query = switch (fault.mending()) {
            case CREATE -> {
                variables.put("topic", enumOf(fault.topic()));
                yield "webhook-subscription-create";
            }
            case UPDATE -> "webhook-subscription-update";
            case DELETE -> "webhook-subscription-delete";
        };
        AdminAnswer answer = api.query(store, query, variables, Priority.POLL);
        List<String> errors = new ArrayList<>();
        answer.denied().forEach(denied -> errors.add("the app lacks " + denied.access()));
        answer.data().findValues("userErrors").forEach(list -> list.forEach(error ->
                errors.add(error.path("message").asText())));
        return String.join("; ", errors);
    }

    private List<Subscription> registered(String store) {
        Map<String, String> topics = new LinkedHashMap<>();
        shopify.topics().forEach(topic -> topics.put(enumOf(topic), topic));
        List<Subscription> all = new ArrayList<>();
        String after = null;
        do {
            JsonNode page = api.query(store, "webhook-subscriptions",
                    JsonNodeFactory.instance.objectNode().put("after", after), Priority.POLL)
                    .data().path("webhookSubscriptions");
            page.path("nodes").forEach(node -> all.add(Subscription.of(node,
                    topics.getOrDefault(node.path("topic").asText(), node.path("topic").asText()))));
            after = page.at("/pageInfo/hasNextPage").asBoolean() ? page.at("/pageInfo/endCursor").asText() : null;
        } while (after != null);
        return all;
    }

    /** The API's word for a topic: CUSTOMER_TAGS_ADDED for customer.tags_added. */
    static String enumOf(String topic) {
        return topic.toUpperCase(Locale.ROOT).replace('/', '_').replace('.', '_');
    }
}
