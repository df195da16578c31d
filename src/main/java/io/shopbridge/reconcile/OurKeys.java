package io.shopbridge.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.map.KeyForm;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Values;
import io.shopbridge.shopify.Ids;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads our keys back by their forms: whose a record of the CRM is. */
final class OurKeys {

    /**
     * How a store's records of an entity have their keys.
     *
     * @param object of the CRM that they are
     */
    private record Form(String store, String entity, String object, KeyForm key) {

        RecordKey record(String text) {
            return new RecordKey(store, entity, key.id(text));
        }
    }

    /**
     * A key of the CRM's.
     *
     * @param text   as the CRM has it
     * @param record whose it is
     * @param all    with the records of other entities and stores that would have the same key
     * @param isSure whether no other of these is the same object of the CRM
     */
    record Key(String text, RecordKey record, List<RecordKey> all, boolean isSure) {
    }

    private final List<Form> forms;

    private OurKeys(List<Form> forms) {
        this.forms = forms;
    }

    /**
     * The keys of all records that have theirs in this field, of whatever object: drafts and orders may be one.
     *
     * @param stores that are configured; of others nobody can say whose their keys are
     */
    static OurKeys of(Crm crm, String field, Stores stores) {
        List<Form> forms = new ArrayList<>();
        for (Mapping mapping : crm.mappings()) {
            if (mapping.externalIdField().filter(field::equals).isPresent()) {
                stores.all().forEach(store -> form(crm, mapping, store).ifPresent(forms::add));
            }
        }
        return new OurKeys(forms);
    }

    private static Optional<Form> form(Crm crm, Mapping mapping, Store store) {
        MappingContext context = MappingContext.of(store.name(), Optional.of(store), crm.mappingSettings());
        return KeyForm.of(Values.JSON.createObjectNode(), record -> mapping.externalId(record, context))
                // A bare id may be anybody's.
                .filter(key -> key.around() > 0)
                .map(key -> new Form(store.name(), mapping.entity(), mapping.object(), key));
    }

    /** Whose key this is; empty: it is not a key of this entity's records. */
    Optional<Key> read(String entity, JsonNode value) {
        String text = value == null ? "" : value.asText("");
        // What a person has typed there may look like a key of ours, and be an e-mail address.
        List<Form> fitting = forms.stream().filter(form -> form.key().fits(text) && Ids.isId(form.key().id(text))).toList();
        // main:draft-1 would also be the order "draft-1": what says most of it is right.
        int most = fitting.stream().mapToInt(form -> form.key().around()).max().orElse(0);
        List<Form> right = fitting.stream().filter(form -> form.key().around() == most).toList();
        return right.stream().filter(form -> form.entity().equals(entity)).findFirst().map(form ->
                new Key(text, form.record(text), right.stream().map(one -> one.record(text)).toList(),
                        right.stream().filter(one -> one.object().equals(form.object())).count() == 1));
    }
}
