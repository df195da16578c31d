package io.shopbridge.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Bodies that once stopped all stores, ended the process or held up their neighbours, each as small as it goes. */
final class HandMade {

    private static final long FIRST_ID = 5_000_000_000_000L;
    private static final String LONG = "k".repeat(300);

    private final List<Body> bodies = new ArrayList<>();
    private long next = FIRST_ID;

    private HandMade() {
    }

    static List<Body> all() {
        HandMade all = new HandMade();
        all.keys();
        all.otherKinds();
        all.texts();
        all.numbersAndTimes();
        return List.copyOf(all.bodies);
    }

    private void keys() {
        add("customer.tags_added", "{'customerId': #, 'tags': ['\\ud800', '?']}");
        add("customer.tags_added", "{'customerId': #, 'tags': ['" + random(3000) + "']}");
        add("customer.tags_added", "{'customerId': #, 'tags': ['a\\u0000b', {}, null, 5, ['x']]}");
        for (String id : List.of("'" + random(3000) + "'", "'#\\u0000'", "'#\\nERROR forged'", "'#/../5?x=1'", "'\\ud800#'",
                "{'a': #}", "[#]", "true", "-#", "#.5", "1e#", "''", "'" + LONG + "#'")) {
            add("customers/update", "{'id': " + id + ", 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'updated_at': '@'}");
            add("orders/create", "{'id': " + id + ", 'updated_at': '@', 'line_items': []}");
            add("orders/delete", "{'id': " + id + "}");
        }
        add("checkouts/update", "{'id': #, 'token': '" + random(3000) + "', 'cart_token': '" + random(3000)
                + "', 'updated_at': '@'}");
        add("orders/create", "{'id': #, 'company': {'id': '1\\u0000'}, 'updated_at': '@', 'line_items': []}");
        add("orders/create", "{'id': #, 'customer': {'id': '1\\u0000'}, 'updated_at': '@', 'line_items': []}");
        add("orders/create", "{'id': #, 'updated_at': '@', 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'line_items':"
                + " [{'id': '9\\u0000', 'name': 'Lamp', 'quantity': 1, 'price': '5.00'}]}");
        add("customers/update", "{'id': '" + "x".repeat(70_000) + "', 'email': 'e#@" + Mutation.MAIL_DOMAIN
                + "', 'updated_at': '@'}");
    }

    private void otherKinds() {
        for (String part : List.of("'unit_price': '5'", "'discount': '5'", "'price_set': '5'", "'tax_lines': 'x'",
                "'properties': 'x'", "'discount_allocations': {'a': 1}")) {
            add("orders/create", "{'id': #, 'updated_at': '@', 'line_items': [{'id': #, 'name': 'L', " + part + "}]}");
            add("checkouts/update", "{'id': #, 'token': 't#', 'email': 'e#@" + Mutation.MAIL_DOMAIN
                    + "', 'updated_at': '@', 'line_items': [{'id': #, " + part + "}]}");
        }
        add("orders/updated", "{'id': #, 'updated_at': '@', 'refunds': [{'id': #, 'total': '12'}]}");
        add("orders/updated", "{'id': #, 'updated_at': '@', 'refunds': 'x', 'line_items': 5, 'customer': 'x'}");
        for (String phone : List.of("{'a': 1}", "['x']", "true", "5", "'" + "9".repeat(5000) + "'", "'\\u0000'")) {
            add("customers/update", "{'id': #, 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'phone': " + phone
                    + ", 'last_name': 'L', 'updated_at': '@'}");
        }
        for (String body : List.of("", "[]", "5", "null", "'x'", "{", "{} {}", "[".repeat(100_000))) {
            add("customers/update", body);
        }
    }

    private void texts() {
        byte[] notUtf8 = {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80};
        add("orders/create", "{'id': #, '~': 1, 'updated_at': '@'}", notUtf8);
        add("customers/update", "{'id': #, 'default_address': {'~': 1}, 'updated_at': '@'}", notUtf8);
        add("customers/update", "{'id': #, 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'last_name': '~',"
                + " 'updated_at': '@'}", notUtf8);
        for (String text : List.of("\\ud800", "\\udc00x", "a\\u0000b", "\\u0000", "\\u202e", "\\ufffe", "]]>", "\\u0008")) {
            add("customers/update", "{'id': #, 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'first_name': '" + text
                    + "', 'last_name': '" + text + "', 'note': '" + text + "', 'tags': '" + text + "', 'updated_at': '@'}");
            add("orders/create", "{'id': #, 'name': '" + text + "', 'email': 'f#@" + Mutation.MAIL_DOMAIN + "', 'note': '"
                    + text + "', 'currency': 'EUR', 'total_price': '5.00', 'updated_at': '@', 'line_items': [{'id': #,"
                    + " 'name': '" + text + "', 'sku': '" + text + "', 'quantity': 1, 'price': '5.00'}]}");
        }
        add("customers/update", "{'id': #, 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'note': '" + "n".repeat(1_000_000)
                + "', 'updated_at': '@'}");
    }

    private void numbersAndTimes() {
        for (String number : List.of("1e999999999", "-1e999999999", "1e-999999999", "1e100000", "9".repeat(5000), "NaN",
                "1,5", "0x10")) {
            add("orders/create", "{'id': #, 'currency': 'EUR', 'total_price': '" + number + "', 'current_total_price': '"
                    + number + "', 'updated_at': '@', 'line_items': [{'id': #, 'name': 'L', 'quantity': 1, 'price': '"
                    + number + "'}]}");
            add("orders/create", "{'id': #, 'currency': 'EUR', 'total_price': " + number + ", 'updated_at': '@'}");
        }
        for (String time : List.of("9990-01-01T00:00:00Z", "+999999999-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "10000-01"
                + "-01T00:00:00Z", "2026-02-30T00:00:00Z", "x")) {
            add("orders/create", "{'id': #, 'currency': 'EUR', 'total_price': '5.00', 'email': 'e#@"
                    + Mutation.MAIL_DOMAIN + "', 'created_at': '" + time + "', 'processed_at': '" + time
                    + "', 'updated_at': '" + time + "', 'line_items': []}");
            add("customers/update", "{'id': #, 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'updated_at': '" + time + "'}");
        }
        // What an update says, under the topic of a deletion
        add("customers/delete", "{'id': #, 'email': 'e#@" + Mutation.MAIL_DOMAIN + "', 'updated_at': '9990-01-01T00:00:00Z'}");
    }

    private void add(String topic, String json) {
        add(topic, json, new byte[0]);
    }

    /** Single quotes stand for double ones, # for an id of this body, @ alone for now, ~ for the bytes. */
    private void add(String topic, String json, byte[] bytes) {
        String text = json.replace('\'', '"').replace("#", Long.toString(next++))
                .replace("\"@\"", "\"" + Instant.now() + "\"");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = bytes.length == 0 ? -1 : text.indexOf('~');
        body.writeBytes(text.substring(0, at < 0 ? text.length() : at).getBytes(StandardCharsets.UTF_8));
        if (at >= 0) {
            body.writeBytes(bytes);
            body.writeBytes(text.substring(at + 1).getBytes(StandardCharsets.UTF_8));
        }
        bodies.add(new Body("hand-made " + bodies.size(), topic, body.toByteArray()));
    }

    /** Text that PostgreSQL can't compress. */
    private static String random(int length) {
        return new Random(length).ints(length, 'a', 'z' + 1).collect(StringBuilder::new,
                StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
