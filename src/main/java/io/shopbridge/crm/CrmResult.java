package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of one record of a write, as crm.yaml's {@code gives} says. What the CRM did not say is null.
 *
 * @param trace    which record of the call it is about: its place, from 0
 * @param id       the CRM's
 * @param means    why it was not done; null where it was
 * @param because  the CRM's own words
 * @param existing the id of the record that is there already, or into which one that is gone was merged
 * @param fields   those whose values are the reason
 * @param ids      of an association that failed: the records that the fault is about; empty: it names none
 * @param job      the CRM's id of the job that has taken it on and will tell; null where nothing is to come. Only a
 *                 transport of its own answers so
 */
public record CrmResult(String trace, String id, Meaning means, String because, String existing, List<String> fields,
        List<String> ids, String job) {

    /** Any meaning that is none of an element's is a refusal. */
    public static CrmResult of(JsonNode given) {
        Meaning means = given.hasNonNull("means")
                ? Meaning.named(given.get("means").asText()).filter(one -> one != Meaning.LOCKED_OUT)
                        .orElse(Meaning.REFUSED) : null;
        return new CrmResult(text(given, "trace"), text(given, "id"), means, text(given, "because"),
                text(given, "existing"), texts(given.path("fields")), texts(given.path("ids")),
                text(given, "job"));
    }

    /** One that was refused, for this reason. */
    public static CrmResult refused(String because) {
        return new CrmResult(null, null, Meaning.REFUSED, because, null, List.of(), List.of(), null);
    }

    /** One that is as it should be. */
    public static CrmResult done(String id) {
        return new CrmResult(null, id, null, null, null, List.of(), List.of(), null);
    }

    /** One that a job of this id has taken on. */
    public static CrmResult accepted(String job) {
        return new CrmResult(null, null, null, null, null, List.of(), List.of(), job);
    }

    /** The CRM's own words, or that it had none. */
    public String because(Crm crm) {
        return because == null ? crm.title() + " gave no reason" : because;
    }

    /** The same of another record of the call. */
    public CrmResult at(String otherTrace) {
        return new CrmResult(otherTrace, id, means, because, existing, fields, ids, job);
    }

    /** The same for this reason. */
    public CrmResult because(String reason) {
        return new CrmResult(trace, id, means, reason, existing, fields, ids, job);
    }

    /** The same, and which record is there instead. */
    public CrmResult existing(String other) {
        return new CrmResult(trace, id, means, because, other, fields, ids, job);
    }

    /** As {@code gives} would say it. */
    public JsonNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("trace", trace).put("id", id)
                .put("means", means == null ? null : means.toString()).put("because", because)
                .put("existing", existing).put("job", job);
        fields.forEach(json.withArray("fields")::add);
        return json;
    }

    private static String text(JsonNode given, String name) {
        return given.hasNonNull(name) ? given.get(name).asText() : null;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        if (list.isArray()) {
            list.forEach(one -> texts.add(one.asText()));
        }
        return texts;
    }
}
