package io.shopbridge.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.map.Values;
import io.shopbridge.preview.Preview;
import io.shopbridge.preview.Preview.Entry;
import io.shopbridge.preview.Preview.FieldEntry;
import java.io.PrintWriter;
import java.util.function.ToIntFunction;

/** Prints a preview as text. */
final class PreviewText {

    private static final int WIDEST = 60;

    private final PrintWriter out;

    PreviewText(PrintWriter out) {
        this.out = out;
    }

    void print(Preview preview) throws JsonProcessingException {
        out.println("topic " + preview.topic() + (preview.guessed() ? ", guessed from the body" : "") + "; store "
                + preview.store());
        if (preview.note() != null) {
            out.println(preview.note());
        }
        for (Entry entry : preview.records()) {
            print(entry, preview.crm(), "");
        }
    }

    private void print(Entry entry, String crm, String indent) throws JsonProcessingException {
        out.println();
        out.println(indent + entry.entity() + " " + entry.id() + " -> " + crm
                + (entry.object() == null ? "" : " " + entry.object()) + ": " + entry.outcome().word());
        entry.because().forEach(why -> out.println(indent + "  because " + why));
        if (entry.canonical() != null) {
            out.println(indent + "  canonical record");
            json(entry.canonical(), indent + "    ");
        }
        if (!entry.fields().isEmpty()) {
            out.println(indent + "  fields");
            int name = widest(entry, field -> field.field().length());
            int value = Math.min(WIDEST, widest(entry, field -> value(field).length()));
            int from = Math.min(WIDEST, widest(entry, field -> from(field).length()));
            entry.fields().forEach(field -> out.println(indent + "    " + pad(field.field(), name) + "  "
                    + pad(value(field), value) + "  " + pad(from(field), from) + "  "
                    + (field.sent() ? "sent: " : "not sent: ") + field.because()));
        }
        entry.links().forEach(link -> out.println(indent + "  link " + link.link() + ": " + link.because()));
        for (CrmRequest request : entry.requests()) {
            out.println(indent + "  request " + request.method() + " " + request.path());
            if (request.body() != null) {
                json(request.body(), indent + "    ");
            }
        }
        for (Entry child : entry.children()) {
            print(child, crm, indent + "  ");
        }
    }

    private void json(JsonNode json, String indent) throws JsonProcessingException {
        Values.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json).lines()
                .forEach(line -> out.println(indent + line));
    }

    private static String value(FieldEntry field) {
        return field.value() == null ? "-" : field.value().toString();
    }

    private static String from(FieldEntry field) {
        return field.from() == null ? "-" : field.from().strip().replaceAll("\\s+", " ");
    }

    private static int widest(Entry entry, ToIntFunction<FieldEntry> length) {
        return entry.fields().stream().mapToInt(length).max().orElse(0);
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
