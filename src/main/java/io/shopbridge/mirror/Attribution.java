package io.shopbridge.mirror;

import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an order or a checkout came from, as {@code .attribution}: source_name, channel (how people call that, which
 * the API alone says), source_identifier, landing_site (as Shopify gives it), landing_page (without what was asked of
 * it), referring_site, referring_host, and {@code utm.{source,medium,campaign,term,content}}. UTM parameters are those
 * of the landing site; where it has none, those that a theme keeps as note attributes ({@code utm_source}, …), as is
 * usual where the first page is cached.
 */
final class Attribution {

    private static final Pattern HOST = Pattern.compile("^\\s*[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:@\\s]+)");

    private static final List<String> UTM = List.of("source", "medium", "campaign", "term", "content");

    private Attribution() {
    }

    static ObjectNode of(JsonNode record, JsonNode attributes) {
        ObjectNode attribution = JsonNodeFactory.instance.objectNode();
        String landing = Json.text(record, "landing_site");
        String referring = Json.text(record, "referring_site");
        attribution.put("source_name", Json.text(record, "source_name"));
        attribution.put("channel", Json.text(record, Facets.CHANNEL_NAME));
        attribution.put("source_identifier", Json.text(record, "source_identifier"));
        attribution.put("landing_site", landing);
        attribution.put("landing_page", landing == null ? null : landing.split("[?#]", 2)[0]);
        attribution.put("referring_site", referring);
        attribution.put("referring_host", host(referring));
        ObjectNode utm = attribution.putObject("utm");
        for (String name : UTM) {
            String value = parameter(landing, "utm_" + name);
            value = value == null ? Json.text(attributes, "utm_" + name) : value;
            utm.put(name, value);
        }
        return attribution;
    }

    private static String parameter(String address, String name) {
        int question = address == null ? -1 : address.indexOf('?');
        if (question < 0) {
            return null;
        }
        for (String pair : address.substring(question + 1).split("#", 2)[0].split("&")) {
            String[] parts = pair.split("=", 2);
            if (parts.length == 2 && decoded(parts[0]).toLowerCase(Locale.ROOT).equals(name)
                    && !decoded(parts[1]).isBlank()) {
                return decoded(parts[1]).strip();
            }
        }
        return null;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** Also of an address that is not valid: browsers send what they have, such as brackets in a query. */
    private static String host(String address) {
        Matcher host = HOST.matcher(address == null ? "" : address);
        return host.find() ? host.group(1) : null;
    }
}
