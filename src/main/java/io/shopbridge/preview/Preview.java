package io.shopbridge.preview;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmRequest;
import java.util.List;
import java.util.Locale;

/**
 * The result of a dry run: what would become of one payload in one CRM.
 *
 * @param topic   given, or guessed from the body
 * @param note    what the reader must know; null where there is nothing
 * @param records the record that the topic is about first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Preview(String store, String crm, String topic, boolean guessed, String note, List<Entry> records) {

    /** How a record would end. */
    public enum Outcome { CREATED, UPDATED, UNCHANGED, SKIPPED, REJECTED, NOT_MAPPED, INCOMPLETE;

        /** As people and JSON say it. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /**
     * What would become of one record.
     *
     * @param object    the CRM's object; null where the entity is not mapped
     * @param because   why it ends so
     * @param canonical the record in Shopbridge's own shape: personal data
     * @param requests  all that is sent for it and its line items, in this order; without host and credentials
     * @param children  line items that are records of their own; they are in the requests of their order
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Entry(String entity, String id, String object, Outcome outcome, List<String> because,
            JsonNode canonical, List<FieldEntry> fields, List<LinkEntry> links, List<CrmRequest> requests,
            List<Entry> children) {

        static Entry ended(String entity, String id, String object, Outcome outcome, String because,
                JsonNode canonical) {
            return new Entry(entity, id, object, outcome, List.of(because), canonical, List.of(), List.of(), List.of(),
                    List.of());
        }
    }

    /**
     * What would become of one CRM field.
     *
     * @param from  the part of the mapping's expression that gave the value; null where it has none
     * @param value after cleaning and table; null where the field is left alone
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FieldEntry(String field, String owner, String from, JsonNode value, boolean sent, String because) {
    }

    /**
     * A relation, whose CRM id only a delivery knows.
     *
     * @param record the other record's id; null where there is none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LinkEntry(String link, String to, String record, String because) {
    }
}
