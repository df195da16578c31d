package io.shopbridge.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmPage;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Names;
import io.shopbridge.map.Values;
import io.shopbridge.reconcile.Duplicates.Contact;
import io.shopbridge.reconcile.Duplicates.Group;
import io.shopbridge.reconcile.Duplicates.Shared;
import io.shopbridge.reconcile.DuplicatesTable.Members;
import io.shopbridge.reconcile.DuplicatesTable.Value;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Looks for the CRM's own duplicates: pages through all its contacts, and compares their e-mails and phones as identifying
 * does, normalised. A national phone is read in the country of the store that the contact is linked to; of one that is not
 * linked, of any store that feeds the CRM, because a customer of any of them would match it. It changes nothing in the CRM.
 */
@Component
class DuplicateSearch {

    private static final int MOST_LINKS = 5;

    private final CrmLookup lookup;
    private final Links links;
    private final Stores stores;
    private final DuplicatesTable table;

    DuplicateSearch(CrmLookup lookup, Links links, Stores stores, DuplicatesTable table) {
        this.lookup = lookup;
        this.links = links;
        this.stores = stores;
        this.table = table;
    }

    /** Why this run does not look for them; empty: it does. */
    Optional<String> because(Reconciliation run, Crm crm) {
        Optional<Mapping> customers = run.entities().contains(Reconciliation.CUSTOMER)
                ? crm.mapping(Reconciliation.CUSTOMER) : Optional.empty();
        String because = null;
        if (run.since() != null) {
            because = "It compared only what was synchronised since " + run.since();
        } else if (customers.isEmpty()) {
            because = "Customers were not among what it compared";
        } else if (!ReconcileSettings.duplicates(crm)) {
            because = "shopbridge.crms." + crm.name() + "." + ReconcileSettings.DUPLICATES + " is off";
        } else if (contexts(crm).isEmpty()) {
            because = "No store feeds the CRM";
        } else if (fields(customers.get()).isEmpty()) {
            because = "The mapping of customers looks for people by neither e-mail nor phone";
        } else if (!crm.can(Operation.ALL, customers.get().object())) {
            because = crm.folder() + "/crm.yaml has no operation " + Operation.ALL + " that lists "
                    + customers.get().object();
        }
        return Optional.ofNullable(because);
    }

    /** Stores why they are not looked for, within the caller's transaction. */
    void leaveOut(Reconciliation run, String because) {
        table.notLookedFor(run, because);
    }

    /**
     * The next page of the CRM's contacts.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    CrmPage page(Reconciliation run, Crm crm, Mapping customers) {
        return lookup.all(crm, customers.object(), Stream.concat(fields(customers).stream(),
                customers.nameFields().stream()).distinct().toList(), run.position().page());
    }

    private static Collection<String> fields(Mapping customers) {
        return Duplicates.KINDS.stream().flatMap(kind -> customers.matchFields(kind).stream()).distinct().toList();
    }

    /** Stores what a page says, and after the last one what is shared, within the caller's transaction. */
    void add(Reconciliation run, Crm crm, Mapping customers, CrmPage page) {
        List<CrmRecord> contacts = page.elements().stream().map(CrmRecord::of).toList();
        List<String> ids = contacts.stream().map(CrmRecord::id).distinct().toList();
        Map<String, List<Link>> linked = links.to(crm.name(), customers.object(), ids);
        Map<String, MappingContext> contexts = contexts(crm);
        List<Value> values = new ArrayList<>();
        for (CrmRecord contact : contacts) {
            List<String> of = linked.getOrDefault(contact.id(), List.of()).stream().map(link -> link.key().store())
                    .filter(contexts::containsKey).distinct().toList();
            String name = name(customers, contact, of.isEmpty() ? contexts.keySet().iterator().next() : of.get(0));
            for (String store : of.isEmpty() ? contexts.keySet() : of) {
                values(customers, contact, contexts.get(store)).forEach((kind, all) -> all.forEach(value ->
                        // Where a person in two stores is two contacts, these are no duplicates.
                        values.add(new Value(contact.id(), kind, crm.isPerStore() ? store : "", value, name))));
            }
        }
        table.add(run, ids, values);
        if (page.next() == null) {
            shared(run, crm, customers);
        }
    }

    private static Map<String, Collection<String>> values(Mapping customers, CrmRecord contact, MappingContext context) {
        Map<String, JsonNode> fields = contact.values().fields();
        Map<String, Collection<String>> values = new HashMap<>();
        Duplicates.KINDS.forEach(kind -> values.put(kind, customers.valuesOf(kind, fields, context)));
        return values;
    }

    /** As identifying compares it; what stands there for want of a name is none. */
    private static String name(Mapping customers, CrmRecord contact, String store) {
        return customers.nameFields().stream().map(field -> {
            JsonNode value = contact.values().fields().get(field);
            return value == null || customers.isDefault(store, field, value) ? "" : Values.text(value).orElse("");
        }).map(Names::compared).filter(part -> !part.isEmpty()).collect(Collectors.joining(" "));
    }

    private Map<String, MappingContext> contexts(Crm crm) {
        Map<String, MappingContext> contexts = new HashMap<>();
        stores.all().stream().filter(store -> store.crms().contains(crm.name())).map(Store::name).forEach(name ->
                contexts.put(name, MappingContext.of(name, stores.find(name), crm.mappingSettings())));
        return contexts;
    }

    private void shared(Reconciliation run, Crm crm, Mapping customers) {
        List<Members> all = table.members(run);
        Map<String, List<Link>> linked = links.to(crm.name(), customers.object(),
                all.stream().flatMap(group -> group.ids().stream()).distinct().toList());
        for (String kind : Duplicates.KINDS) {
            if (!customers.matchFields(kind).isEmpty()) {
                List<Members> some = all.stream().filter(group -> group.kind().equals(kind)).toList();
                List<Group> examples = some.stream().map(group -> new Group(group.size(), group.sameName(),
                        group.ids().stream().map(id -> contact(id, linked.getOrDefault(id, List.of()))).toList())).toList();
                table.save(run, some.isEmpty() ? new Shared(kind, 0, 0, 0, 0, null, List.of()) : new Shared(kind,
                        some.get(0).groups(), some.get(0).groupsOfOneName(), some.get(0).contacts(),
                        some.get(0).largest(), null, examples));
            }
        }
    }

    private static Contact contact(String id, List<Link> linked) {
        return new Contact(id, linked.stream().limit(MOST_LINKS).map(Link::key)
                        .map(key -> key.store() + "/" + key).toList(),
                linked.stream().anyMatch(link -> !link.base().containsKey(Link.FOUND)));
    }
}
