package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opt-outs (noes): the consents of records whose value means no by the mapping's table. If the CRM has the record, they
 * are written even if the record itself is skipped, held, rejected or waiting.
 */
final class OptOuts {

    private OptOuts() {
    }

    /** The mapped fields of the record, only those that are a consent with the answer no. */
    static MappedRecord of(Mapping mapping, DeliveryRecord record) {
        return new MappedRecord(in(mapping, record.values(mapping).fields()), List.of());
    }

    /** Those of these fields that say no. */
    static Map<String, JsonNode> in(Mapping mapping, Map<String, JsonNode> fields) {
        Map<String, JsonNode> noes = new LinkedHashMap<>();
        mapping.fields().stream().filter(Field::isConsent).filter(field -> field.saysNo(fields.get(field.name())))
                .forEach(field -> noes.put(field.name(), fields.get(field.name())));
        return noes;
    }

    /** Whether this attempt is the record's last, and the CRM could not be told of all that it says no to. */
    static boolean areUnwritten(Mapping mapping, DeliveryRecord record) {
        if (!record.leaves() || record.link() == null) {
            return false;
        }
        return record.decided() ? record.mustBeWritten() : hasNews(mapping, record);
    }

    private static boolean hasNews(Mapping mapping, DeliveryRecord record) {
        try {
            return !record.link().base().entrySet().containsAll(of(mapping, record).fields().entrySet());
        } catch (RuntimeException fault) {
            if (!Unusable.isBehind(fault)) {
                throw fault;
            }
            return false;
        }
    }
}
