package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * What a mapping makes of a record.
 *
 * @param fields CRM field to value; JSON null says that Shopify has no value. A field that is not in the map is to be
 *     left as the CRM has it.
 * @param refusals why the record can't be delivered, one sentence a field; they may quote values, so they belong in
 *     the ledger and never in a log
 * @param asEmpty the CRM's values that count as none, of fields that have such a value
 * @param mended what is not delivered as Shopify has it, though the record is
 */
public record MappedRecord(Map<String, JsonNode> fields, List<String> refusals, Map<String, JsonNode> asEmpty,
        List<Mended> mended) {

    /** A record with every value as Shopify has it. */
    public MappedRecord(Map<String, JsonNode> fields, List<String> refusals) {
        this(fields, refusals, Map.of(), List.of());
    }
}
