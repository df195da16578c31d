package io.shopbridge.sandbox.shop;

import graphql.schema.DataFetchingEnvironment;
import io.shopbridge.sandbox.shop.Connections.Position;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Webhook subscriptions that an app makes by the API. Errors are Shopify's own sentences, as captured in April 2026;
 * they name the older field {@code callbackUrl}.
 *
 * @see <a href="https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/webhookSubscriptionCreate">Creating one</a>
 */
final class Subscriptions {

    private static final int MOST_BYTES = 65_535;
    private static final String ADDRESS = "callbackUrl";
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(.*)");
    private static final Pattern PUBSUB = Pattern.compile("pubsub://([^:/]+):(.+)");
    private static final Pattern INTERNAL = Pattern.compile("(.*\\.)?(shopify\\.com|myshopify\\.com|shopifycloud\\.com"
            + "|shopifysvc\\.com|localhost|internal|local)|127\\..*|10\\..*|192\\.168\\..*|169\\.254\\..*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern BARE_WORD = Pattern.compile("(?:^|\\s)(?!AND\\b|OR\\b|NOT\\b)[^\\s:()]+(?=\\s|$)");
    private static final Set<String> FILTERS = Set.of("created_at", "id", "updated_at");

    private final Map<Long, Map<String, Object>> subscriptions = new TreeMap<>();
    private long last = 1_929_113_000_000L;

    /** By the words in which the API's users know them: ORDERS_CREATE. */
    boolean has(String topic) {
        return subscriptions.values().stream().anyMatch(one -> one.get("topic").equals(topic));
    }

    /** Shopify deletes a subscription whose webhooks failed eight times; what it says of it goes by e-mail. */
    void delete(String topic) {
        subscriptions.values().removeIf(one -> one.get("topic").equals(topic));
    }

    void clear() {
        subscriptions.clear();
    }

    Object list(Instant now, DataFetchingEnvironment env) {
        Collection<String> topics = env.getArgument("topics");
        String format = env.getArgument("format");
        String uri = env.getArgument("uri");
        SearchQuery.Read<Map<String, Object>> query;
        try {
            query = SearchQuery.read(env.getArgument("query"), new SearchQuery.Fields<>() {
                @Override
                public Set<String> valid() {
                    return FILTERS;
                }

                @Override
                public Object value(Map<String, Object> one, String field) {
                    return switch (field) {
                        case "created_at" -> one.get("createdAt");
                        case "updated_at" -> one.get("updatedAt");
                        default -> number(one);
                    };
                }
            }, Payloads.ZONE, now);
        } catch (SearchQuery.Invalid e) {
            throw ApiError.badRequest(e.getMessage());
        }
        boolean byTime = "CREATED_AT".equals(env.getArgument("sortKey"));
        List<Map<String, Object>> found = subscriptions.values().stream()
                .filter(one -> topics == null || topics.contains(one.get("topic")))
                .filter(one -> format == null || format.equals(one.get("format")))
                .filter(one -> uri == null || uri.equals(one.get("uri")))
                .filter(query.matches()).toList();
        return Connections.of(found, one -> new Position(byTime ? one.get("createdAt").toString() : "", number(one)),
                one -> one, env);
    }

    Object get(String gid) {
        return subscriptions.get(id(gid));
    }

    Object create(String topic, Map<String, Object> input, Instant now) {
        List<Object> errors = errors(topic, input, null);
        if (!errors.isEmpty()) {
            return payload(null, errors);
        }
        long id = ++last;
        Map<String, Object> subscription = new HashMap<>();
        subscription.put("__typename", "WebhookSubscription");
        subscription.put("id", Payloads.gid("WebhookSubscription", id));
        subscription.put("legacyResourceId", String.valueOf(id));
        subscription.put("topic", topic);
        subscription.put("format", "JSON");
        subscription.put("filter", "");
        subscription.put("includeFields", List.of());
        subscription.put("metafieldNamespaces", List.of());
        subscription.put("metafields", List.of());
        subscription.put("apiVersion", Map.of("handle", SimulatedShop.API_VERSION, "displayName",
                SimulatedShop.API_VERSION, "supported", true));
        subscription.put("createdAt", now.truncatedTo(ChronoUnit.SECONDS));
        change(subscription, input, now);
        subscriptions.put(id, subscription);
        return payload(subscription, List.of());
    }

    Object update(String gid, Map<String, Object> input, Instant now) {
        Map<String, Object> subscription = subscriptions.get(id(gid));
        if (subscription == null) {
            return payload(null, List.of(error("Webhook subscription does not exist", "id")));
        }
        List<Object> errors = errors((String) subscription.get("topic"), input, subscription);
        if (errors.isEmpty()) {
            change(subscription, input, now);
        }
        return payload(subscription, errors);
    }

    Object remove(String gid) {
        boolean existed = subscriptions.remove(id(gid)) != null;
        Map<String, Object> payload = new HashMap<>();
        payload.put("deletedWebhookSubscriptionId", existed ? gid : null);
        payload.put("userErrors", existed ? List.of() : List.of(error("Webhook subscription does not exist", "id")));
        return payload;
    }

    private static void change(Map<String, Object> subscription, Map<String, Object> input, Instant now) {
        subscription.putAll(input);
        if (address(input) != null) {
            subscription.put("uri", address(input).strip());
            subscription.put("callbackUrl", address(input).strip());
        }
        if (input.get("metafieldNamespaces") instanceof List<?> namespaces) {
            subscription.put("metafieldNamespaces", namespaces.stream().map(one ->
                    one.toString().replaceFirst("^\\$app:?", "app--347082227713--").replaceFirst("--$", "")).toList());
        }
        subscription.put("updatedAt", now.truncatedTo(ChronoUnit.SECONDS));
    }

    private List<Object> errors(String topic, Map<String, Object> input, Map<String, Object> present) {
        List<Object> errors = new ArrayList<>();
        String address = address(input);
        if (address != null || present == null) {
            address(address == null ? "" : address.strip(), errors);
        }
        String format = format(input, present);
        if (format.equals("XML") && topic.startsWith("RETURNS_")) {
            errors.add(error("Format 'xml' is invalid for this webhook topic. Allowed formats: json",
                    "webhookSubscription", "format"));
        } else if (format.equals("XML") && address != null && !address.strip().startsWith("https://")) {
            errors.add(error("Format can only be used with format: 'json'", "webhookSubscription", "format"));
        }
        name((String) input.get("name"), present, errors);
        filter((String) input.get("filter"), errors);
        if (errors.isEmpty() && address != null && isTaken(topic, address.strip(), format, present)) {
            errors.add(error("Address for this topic has already been taken", "webhookSubscription", ADDRESS));
        }
        return errors;
    }

    private static String address(Map<String, Object> input) {
        return (String) (input.get("uri") != null ? input.get("uri") : input.get("callbackUrl"));
    }

    private static String format(Map<String, Object> input, Map<String, Object> present) {
        Object format = input.get("format") != null || present == null ? input.get("format") : present.get("format");
        return format == null ? "JSON" : format.toString();
    }

    private static void address(String address, List<Object> errors) {
        Matcher scheme = SCHEME.matcher(address);
        if (address.isEmpty()) {
            errors.add(error("Address can't be blank", "webhookSubscription", ADDRESS));
        } else if (address.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            errors.add(error("Address is too big (maximum is 64 KB)", "webhookSubscription", ADDRESS));
        } else if (address.startsWith("arn:aws:events:")) {
            if (!address.contains("::event-source/aws.partner/shopify.com")) {
                errors.add(error("Address is invalid", "webhookSubscription", ADDRESS));
                errors.add(error("Address is not a valid AWS ARN", "webhookSubscription", ADDRESS));
            }
        } else if (address.startsWith("pubsub://") && !PUBSUB.matcher(address).matches()) {
            errors.add(error("Address protocol pubsub:// is not supported", "webhookSubscription", ADDRESS));
            errors.add(error("Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
                    "webhookSubscription", ADDRESS));
        } else if (scheme.matches() && !Set.of("https", "pubsub").contains(scheme.group(1))) {
            errors.add(error("Address protocol " + scheme.group(1) + ":// is not supported", "webhookSubscription",
                    ADDRESS));
        } else if (!address.startsWith("pubsub://")) {
            String host = host(address);
            if (host == null || !scheme.matches()) {
                errors.add(error("Address is invalid", "webhookSubscription", ADDRESS));
            } else if (INTERNAL.matcher(host).matches()) {
                errors.add(error("Address cannot be a Shopify or an internal domain", "webhookSubscription", ADDRESS));
            }
        }
    }

    private static String host(String address) {
        try {
            return URI.create(address).getHost();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void name(String name, Map<String, Object> present, List<Object> errors) {
        if (name == null) {
            return;
        }
        if (name.isEmpty()) {
            errors.add(error("Name is too short (minimum is 1 character)", "webhookSubscription", "name"));
        }
        if (!NAME.matcher(name).matches()) {
            errors.add(error("Name name field can only contain alphanumeric characters, underscores, and hyphens",
                    "webhookSubscription", "name"));
        } else if (subscriptions.values().stream().anyMatch(one -> one != present && one.get("name") != null
                && one.get("name").toString().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))) {
            errors.add(error("Name already exists, no duplicate allowed", "webhookSubscription", "name"));
        }
    }

    private static void filter(String filter, List<Object> errors) {
        if (filter == null || filter.isBlank()) {
            return;
        }
        if (filter.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            errors.add(error("The specified filter exceeds the maximum allowed size.", "webhookSubscription"));
        } else if (BARE_WORD.matcher(filter).find()) {
            errors.add(error("The specified filter is invalid, please ensure you specify the field(s) you wish to"
                    + " filter on.", "webhookSubscription"));
        }
    }

    private boolean isTaken(String topic, String address, String format, Map<String, Object> present) {
        return subscriptions.values().stream().anyMatch(one -> one != present && one.get("topic").equals(topic)
                && one.get("uri").equals(address) && one.get("format").equals(format));
    }

    private static Map<String, Object> payload(Map<String, Object> subscription, List<Object> errors) {
        Map<String, Object> payload = new HashMap<>();
        payload.put("webhookSubscription", subscription);
        payload.put("userErrors", errors);
        return payload;
    }

    private static Map<String, Object> error(String message, String... field) {
        return Map.of("__typename", "UserError", "field", List.of(field), "message", message);
    }

    private static long number(Map<String, Object> subscription) {
        return Long.parseLong(subscription.get("legacyResourceId").toString());
    }

    private static long id(String gid) {
        Matcher id = Pattern.compile("gid://shopify/WebhookSubscription/(\\d+)").matcher(gid);
        if (!id.matches()) {
            throw ApiError.notFound(gid);
        }
        return Long.parseLong(id.group(1));
    }
}
