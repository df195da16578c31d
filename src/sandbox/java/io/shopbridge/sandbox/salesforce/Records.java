package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.RecordStore;
import io.shopbridge.sandbox.server.RecordStore.Index;
import io.shopbridge.sandbox.server.RecordStore.Shape;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The org's records and the rules for writing them. What is deleted stays, marked, until the recycle bin is emptied.
 * Every method must be called inside {@link #locked}.
 */
final class Records implements AutoCloseable {

    enum Operation { INSERT, UPDATE, UPSERT, DELETE }

    /** One record to be written. @param id of an update or deletion @param key the external id field of an upsert */
    record Write(Operation operation, String object, String id, String key, ObjectNode given) {
    }

    /** Who writes, and how. @param undo takes back what was written, last first */
    record Writer(String client, String userId, boolean savesDuplicates, boolean showsDuplicates,
            List<Runnable> undo) {
    }

    record Written(String id, boolean created) {
    }

    private record ValidationRule(String object, String field, Pattern refused, String message) {
    }

    private static final String CLIENT = "_client";
    private static final Set<String> OPEN_WHEN_ACTIVATED = Set.of("Status", "Description", "OwnerId");

    private final Schema schema;
    private final Org org;
    private final RecordStore store;
    private final boolean inMemory;
    private long firstNumber;
    private final Map<String, List<String>> duplicateRules = new ConcurrentHashMap<>();
    private final List<ValidationRule> validationRules = new CopyOnWriteArrayList<>();
    private final Places places = new Places();
    private String integrationUser;
    private String otherUser;
    private String standardPricebook;
    private String businessType;
    private String personType;

    Records(Schema schema, Org org, Path journal) {
        this.schema = schema;
        this.org = org;
        Map<String, Shape> shapes = new HashMap<>();
        schema.objects().forEach(object -> shapes.put(object, shape(object)));
        this.inMemory = journal == null;
        this.store = new RecordStore(journal, 1_000_000, shapes);
        store.locked(() -> {
            seed();
            return null;
        });
    }

    private Shape shape(String object) {
        List<Index> indexes = schema.fields(object).stream().filter(Records::isIndexed)
                .map(field -> new Index(field.name(), text -> text.toLowerCase(Locale.ROOT))).toList();
        return new Shape(number -> Ids.of(schema.prefix(object), firstNumber + number), indexes);
    }

    /** Takes records of the objects that the schema has got since. */
    void followSchema() {
        schema.objects().stream().filter(object -> !store.knows(object)).forEach(object ->
                store.add(object, shape(object)));
    }

    private static boolean isIndexed(Field field) {
        return field.is("external-id") || field.is("unique") || field.kind() == Field.Kind.EMAIL
                || field.kind() == Field.Kind.REFERENCE;
    }

    <T> T locked(Supplier<T> work) {
        return store.locked(work);
    }

    String integrationUser() {
        return integrationUser;
    }

    String otherUser() {
        return otherUser;
    }

    void duplicateRule(String object, List<String> fields) {
        duplicateRules.put(object, fields);
    }

    void validationRule(String object, String field, String refused, String message) {
        validationRules.add(new ValidationRule(object, field, Pattern.compile(refused), message));
    }

    void listPlaces(Map<String, Set<String>> statesByCountry) {
        places.list(statesByCountry);
    }

    void clear() {
        // An org never gives an id twice, and who remembers one must not meet another record under it.
        firstNumber += inMemory ? 10_000_000 : 0;
        store.clear();
        seed();
    }

    @Override
    public void close() {
        store.close();
    }

    // What every org has before anybody wrote to it.
    private void seed() {
        List<Stored> users = List.copyOf(store.all("User"));
        if (users.isEmpty()) {
            users = List.of(user("integration@example.com", "Integration User"), user("sales@example.com", "Sales"));
            store.create("Pricebook2", Json.object().put("Name", "Standard Price Book").put("IsActive", true)
                    .put("IsStandard", true));
            recordType("Business_Account", false);
            recordType("PersonAccount", true);
        }
        integrationUser = users.get(0).id();
        otherUser = users.get(1).id();
        standardPricebook = store.all("Pricebook2").stream()
                .filter(one -> one.values().path("IsStandard").asBoolean()).findFirst().orElseThrow().id();
        businessType = recordTypeId(false);
        personType = recordTypeId(true);
    }

    private Stored user(String username, String name) {
        return store.create("User", Json.object().put("Username", username).put("Email", username).put("Name", name)
                .put("IsActive", true));
    }

    private void recordType(String name, boolean person) {
        store.create("RecordType", Json.object().put("Name", name.replace('_', ' ')).put("DeveloperName", name)
                .put("SobjectType", "Account").put("IsPersonType", person).put("IsActive", true));
    }

    private String recordTypeId(boolean person) {
        return store.all("RecordType").stream()
                .filter(one -> one.values().path("IsPersonType").asBoolean() == person).findFirst().orElseThrow().id();
    }

    /** Deleted or not; null if there never was one, or it has left the recycle bin. */
    Stored any(String object, String id) {
        return store.get(object, Ids.whole(id));
    }

    static boolean isDeleted(Stored stored) {
        return stored.values().path("IsDeleted").asBoolean();
    }

    Stream<Stored> all(String object, boolean deletedToo) {
        if (object.equals("RecordType") && !org.personAccounts()) {
            return Stream.of();
        }
        return store.all(object).stream().filter(one -> deletedToo || !isDeleted(one));
    }

    boolean indexed(String object, String field) {
        return store.indexed(object, field);
    }

    /** Records whose field has this value, deleted ones not. */
    List<Stored> find(String object, String field, String value) {
        Stream<Stored> found = store.indexed(object, field) ? store.find(object, field, value).stream()
                : store.all(object).stream().filter(one -> value.equalsIgnoreCase(one.text(field)));
        return found.filter(one -> !isDeleted(one)).toList();
    }

    /** A field's value as Salesforce shows it; null where there is none. */
    JsonNode value(String object, Stored stored, Field field) {
        JsonNode computed = computed(object, stored, field.name());
        JsonNode value = computed == null ? stored.values().get(field.name()) : computed;
        if (value == null || value.isNull()) {
            return field.kind() == Field.Kind.BOOLEAN ? BooleanNode.FALSE : NullNode.getInstance();
        }
        return value;
    }

    private JsonNode computed(String object, Stored stored, String field) {
        return switch (field) {
            case "Id" -> text(stored.id());
            case "CreatedDate" -> time(stored.createdAt());
            case "SystemModstamp", "LastModifiedDate" -> time(stored.updatedAt());
            default -> switch (object + "." + field) {
                case "Contact.Name" -> personName(stored.values());
                case "Account.Name" -> isPerson(stored.values()) ? personName(stored.values()) : null;
                case "Account.IsPersonAccount" -> BooleanNode.valueOf(isPerson(stored.values()));
                case "Order.StatusCode" -> stored.values().get("Status");
                case "Order.OrderNumber" -> text("%08d".formatted(stored.number() % 100_000_000));
                case "Order.TotalAmount" -> total("OrderItem", "OrderId", stored.id(), BigDecimal.ZERO);
                case "OrderItem.OrderItemNumber" -> text("%010d".formatted(stored.number()));
                case "OrderItem.TotalPrice", "OpportunityLineItem.TotalPrice" -> amount(stored);
                case "OrderItem.ListPrice", "OpportunityLineItem.ListPrice" -> ofEntry(stored, "UnitPrice");
                case "OrderItem.Product2Id", "OpportunityLineItem.Product2Id" -> ofEntry(stored, "Product2Id");
                case "OrderItem.CurrencyIsoCode", "OpportunityLineItem.CurrencyIsoCode" ->
                        ofEntry(stored, "CurrencyIsoCode");
                case "OpportunityLineItem.Name" -> ofProduct(store.get("PricebookEntry",
                        stored.text("PricebookEntryId")), "Name");
                case "PricebookEntry.Name" -> ofProduct(stored, "Name");
                case "PricebookEntry.ProductCode" -> ofProduct(stored, "ProductCode");
                case "Opportunity.Amount" -> total("OpportunityLineItem", "OpportunityId", stored.id(), null);
                case "Opportunity.IsClosed" ->
                        BooleanNode.valueOf(String.valueOf(stored.text("StageName")).startsWith("Closed"));
                case "Opportunity.IsWon" -> BooleanNode.valueOf("Closed Won".equals(stored.text("StageName")));
                case "Task.IsClosed" -> BooleanNode.valueOf("Completed".equals(stored.text("Status")));
                default -> null;
            };
        };
    }

    // Seconds only: many records of one batch share a moment, which a reader of changes has to live with.
    private static JsonNode time(long millis) {
        return text(Field.time(millis / 1_000 * 1_000));
    }

    private static JsonNode text(String value) {
        return TextNode.valueOf(value);
    }

    private static JsonNode personName(ObjectNode values) {
        String first = values.path("FirstName").asText("");
        String last = values.path("LastName").asText();
        return text(first.isEmpty() ? last : first + " " + last);
    }

    private boolean isPerson(JsonNode values) {
        return org.personAccounts() && personType.equals(values.path("RecordTypeId").asText());
    }

    private static JsonNode amount(Stored item) {
        BigDecimal price = item.values().path("UnitPrice").decimalValue();
        return DecimalNode.valueOf(price.multiply(item.values().path("Quantity").decimalValue())
                .setScale(2, RoundingMode.HALF_UP));
    }

    private JsonNode total(String items, String parent, String id, BigDecimal ofNone) {
        List<Stored> found = find(items, parent, id);
        BigDecimal sum = found.stream().map(one -> amount(one).decimalValue()).reduce(BigDecimal.ZERO, BigDecimal::add);
        return !found.isEmpty() ? DecimalNode.valueOf(sum) : ofNone == null ? null : DecimalNode.valueOf(ofNone);
    }

    private JsonNode ofEntry(Stored item, String field) {
        Stored entry = store.get("PricebookEntry", item.text("PricebookEntryId"));
        return entry == null ? null : entry.values().get(field);
    }

    private JsonNode ofProduct(Stored entry, String field) {
        Stored product = entry == null ? null : store.get("Product2", entry.text("Product2Id"));
        return product == null ? null : product.values().get(field);
    }

    /** The record with every field that has a value, and the client that wrote it last. */
    ObjectNode whole(String object, Stored stored) {
        ObjectNode view = Json.object();
        for (Field field : schema.fields(object)) {
            JsonNode value = value(object, stored, field);
            if (!value.isNull()) {
                view.set(field.name(), value);
            }
        }
        return view.put("client", stored.text(CLIENT));
    }

    /** The accounts that Salesforce locks while it writes this record. */
    Set<String> accounts(Write write) {
        Set<String> accounts = new LinkedHashSet<>();
        Stored old = write.id() == null ? null : any(write.object(), write.id());
        if (write.operation() == Operation.UPSERT) {
            List<Stored> found = matches(write);
            old = found.isEmpty() ? null : found.get(0);
        }
        if (write.object().equals("Account")) {
            if (old != null) {
                accounts.add(old.id());
            }
            return accounts;
        }
        for (JsonNode values : old == null ? List.of(write.given()) : List.of(write.given(), old.values())) {
            for (String parent : List.of("Account", "Order", "Opportunity", "What")) {
                String id = values.path(parent + "Id").asText(values.path(parent).path("Id").asText(""));
                addAccount(accounts, id.isEmpty() ? parentByKey(write.object(), parent, values.path(parent)) : id);
            }
        }
        return accounts;
    }

    private String parentByKey(String object, String relationship, JsonNode reference) {
        Field field = schema.relationship(object, relationship);
        if (field == null || !reference.isObject()) {
            return "";
        }
        try {
            return referenced(field, (ObjectNode) reference);
        } catch (RowRefused later) {
            return "";
        }
    }

    private void addAccount(Set<String> accounts, String id) {
        String object = schema.objectOf(id);
        Stored parent = object == null ? null : any(object, id);
        if (parent != null) {
            String account = object.equals("Account") ? parent.id() : parent.text("AccountId");
            if (account != null) {
                accounts.add(account);
            }
        }
    }

    /** @throws RowRefused if Salesforce would not take it; nothing of it is then written */
    Written apply(Write write, Writer writer) {
        if (!schema.writable(write.object())) {
            throw new RowRefused("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                    "entity type cannot be inserted, updated or deleted: " + write.object());
        }
        return switch (write.operation()) {
            case INSERT -> insert(write.object(), write.given(), writer);
            case UPDATE -> update(write.object(), present(write.object(), write.id()), write.given(), writer);
            case DELETE -> delete(write.object(), present(write.object(), write.id()), writer);
            case UPSERT -> upsert(write, writer);
        };
    }

    private List<Stored> matches(Write write) {
        String value = write.given().path(write.key()).asText("").strip();
        if (value.isEmpty()) {
            return List.of();
        }
        if (write.key().equals("Id")) {
            Stored found = any(write.object(), value);
            return found == null ? List.of() : List.of(found);
        }
        return find(write.object(), write.key(), value);
    }

    private Written upsert(Write write, Writer writer) {
        boolean byId = write.key().equals("Id");
        JsonNode value = write.given().get(write.key());
        ObjectNode given = write.given().deepCopy();
        if (byId) {
            given.remove("Id");
            return value == null || value.isNull() ? insert(write.object(), given, writer)
                    : update(write.object(), present(write.object(), value.asText()), given, writer);
        }
        if (value == null || value.isNull() || value.asText().isBlank()) {
            throw new RowRefused("MISSING_ARGUMENT", write.key() + " not specified", write.key());
        }
        List<Stored> found = matches(write);
        if (found.size() > 1) {
            throw new RowRefused("DUPLICATE_EXTERNAL_ID", write.key()
                    + ": more than one record found for external id field: "
                    + found.stream().map(Stored::id).toList(), write.key());
        }
        return found.isEmpty() ? insert(write.object(), given, writer)
                : update(write.object(), found.get(0), given, writer);
    }

    private Stored present(String object, String id) {
        if (id == null || id.isBlank()) {
            throw new RowRefused("MISSING_ARGUMENT", "Id not specified in an update call", "Id");
        }
        if (!id.matches("[0-9A-Za-z]{15}|[0-9A-Za-z]{18}") || !id.startsWith(schema.prefix(object))) {
            throw new RowRefused("MALFORMED_ID", object + " ID: id value of incorrect type: " + id, "Id");
        }
        Stored stored = any(object, id);
        if (stored == null) {
            throw new RowRefused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
        }
        if (isDeleted(stored)) {
            throw new RowRefused("ENTITY_IS_DELETED", "entity is deleted");
        }
        return stored;
    }

    private Written insert(String object, ObjectNode given, Writer writer) {
        ObjectNode values = normalised(object, given, null);
        Schema.DEFAULTS.forEach((field, value) -> {
            String name = field.substring(field.indexOf('.') + 1);
            if (field.startsWith(object + ".") && !values.hasNonNull(name)) {
                values.put(name, value);
            }
        });
        if (schema.field(object, "CurrencyIsoCode") != null && !values.hasNonNull("CurrencyIsoCode")) {
            values.put("CurrencyIsoCode", "USD");
        }
        if (object.equals("Account") && org.personAccounts() && !values.hasNonNull("RecordTypeId")) {
            values.put("RecordTypeId", businessType);
        }
        if (schema.field(object, "OwnerId") != null && !values.hasNonNull("OwnerId")) {
            values.put("OwnerId", writer.userId());
        }
        values.put("CreatedById", writer.userId());
        check(object, null, values, given, writer);
        Stored stored = create(object, signed(values, writer), writer);
        if (object.equals("Account") && isPerson(values)) {
            ObjectNode contact = personContact(values).put("AccountId", stored.id())
                    .put("CreatedById", writer.userId());
            Stored person = create("Contact", signed(contact, writer), writer);
            change(object, stored, stored.values().deepCopy().put("PersonContactId", person.id()), writer);
        }
        return new Written(stored.id(), true);
    }

    private Written update(String object, Stored old, ObjectNode given, Writer writer) {
        if (object.equals("Contact") && old.values().path("IsPersonAccount").asBoolean()) {
            throw new RowRefused("INVALID_FIELD_FOR_INSERT_UPDATE", "Contact: the contact of a person "
                    + "account is changed through its account " + old.text("AccountId"));
        }
        ObjectNode values = old.values().deepCopy();
        normalised(object, given, old).fields().forEachRemaining(one -> {
            if (one.getValue().isNull()) {
                values.remove(one.getKey());
            } else {
                values.set(one.getKey(), one.getValue());
            }
        });
        check(object, old, values, given, writer);
        change(object, old, signed(values, writer), writer);
        Stored person = object.equals("Account") && isPerson(values)
                ? store.get("Contact", old.text("PersonContactId")) : null;
        if (person != null) {
            ObjectNode contact = personContact(values).put("AccountId", old.id());
            contact.set("CreatedById", person.values().get("CreatedById"));
            change("Contact", person, signed(contact, writer), writer);
        }
        return new Written(old.id(), false);
    }

    private static ObjectNode signed(ObjectNode values, Writer writer) {
        values.put("LastModifiedById", writer.userId());
        return writer.client() == null ? values.without(CLIENT) : values.put(CLIENT, writer.client());
    }

    // A person account's own fields live on a contact of its own: PersonEmail is its Email, X__pc its X__c.
    private ObjectNode personContact(ObjectNode account) {
        ObjectNode contact = Json.object().put("IsPersonAccount", true);
        account.fields().forEachRemaining(one -> {
            String name = one.getKey();
            if (List.of("FirstName", "LastName", "Salutation", "Phone").contains(name)) {
                contact.set(name, one.getValue());
            } else if (name.endsWith("__pc")) {
                contact.set(name.replaceAll("__pc$", "__c"), one.getValue());
            } else if (name.startsWith("Person") && schema.field("Contact", name.substring(6)) != null) {
                contact.set(name.substring(6), one.getValue());
            }
        });
        return contact;
    }

    private Written delete(String object, Stored stored, Writer writer) {
        if (object.equals("Account") && !find("Order", "AccountId", stored.id()).isEmpty()) {
            throw new RowRefused("DELETE_FAILED", "Your attempt to delete the account could not be completed "
                    + "because it is associated with orders");
        }
        String used = object.equals("Product2") ? "Product2Id" : object.equals("Pricebook2") ? "Pricebook2Id" : null;
        if (used != null && !find("PricebookEntry", used, stored.id()).isEmpty()) {
            throw new RowRefused("DELETE_FAILED", "Your attempt to delete the record could not be completed "
                    + "because it is associated with price book entries");
        }
        if (object.equals("Order") && "Activated".equals(stored.text("Status"))) {
            throw new RowRefused("DELETE_FAILED", "An activated order cannot be deleted");
        }
        if (object.equals("OrderItem")) {
            requireDraft(stored.values());
        }
        Map<String, String> children = switch (object) {
            case "Account" -> Map.of("Contact", "AccountId", "Opportunity", "AccountId");
            case "Order" -> Map.of("OrderItem", "OrderId");
            case "Opportunity" -> Map.of("OpportunityLineItem", "OpportunityId");
            case "Shopify_Order__c" -> Map.of("Shopify_Order_Line__c", "Shopify_Order__c");
            default -> Map.of();
        };
        children.forEach((child, field) ->
                find(child, field, stored.id()).forEach(one -> delete(child, one, writer)));
        change(object, stored, signed(stored.values().deepCopy().put("IsDeleted", true), writer), writer);
        return new Written(stored.id(), false);
    }

    private Stored create(String object, ObjectNode values, Writer writer) {
        Stored stored = store.create(object, values);
        writer.undo().add(0, () -> store.delete(object, store.get(object, stored.id())));
        return stored;
    }

    private Stored change(String object, Stored old, ObjectNode values, Writer writer) {
        Stored stored = store.replace(object, old, values);
        writer.undo().add(0, () -> store.restore(object, store.get(object, stored.id()), old));
        return stored;
    }

    /** Changes what a user of the CRM changes: any field, without validation. */
    void edit(String object, String id, ObjectNode changes) {
        Stored old = any(object, id);
        if (old == null) {
            throw new IllegalArgumentException("The simulated Salesforce has no " + object + " " + id);
        }
        ObjectNode values = old.values().deepCopy();
        values.setAll(changes);
        values.put("LastModifiedById", otherUser).remove(CLIENT);
        store.replace(object, old, values);
    }

    /** Merges accounts or contacts: what pointed to the other points to the master, and the other is deleted. */
    void merge(String object, String masterId, String otherId) {
        Stored master = any(object, masterId);
        Stored other = any(object, otherId);
        if (!Set.of("Account", "Contact").contains(object) || master == null || other == null || isDeleted(master)
                || isDeleted(other) || master.id().equals(other.id())) {
            throw new IllegalArgumentException("Cannot merge " + object + " " + otherId + " into " + masterId
                    + ": both must be accounts or contacts that exist and differ");
        }
        if (master.text("PersonContactId") != null && other.text("PersonContactId") != null) {
            merge("Contact", master.text("PersonContactId"), other.text("PersonContactId"));
        }
        for (String child : schema.objects()) {
            for (Field field : schema.fields(child)) {
                if (field.kind() == Field.Kind.REFERENCE && field.values().contains(object)) {
                    find(child, field.name(), other.id()).forEach(one ->
                            store.replace(child, one, one.values().deepCopy().put(field.name(), master.id())));
                }
            }
        }
        store.replace(object, other, other.values().deepCopy().put("IsDeleted", true)
                .put("MasterRecordId", master.id()).put("LastModifiedById", otherUser));
        store.replace(object, master, master.values().deepCopy().put("LastModifiedById", otherUser));
    }

    void emptyRecycleBin() {
        for (String object : schema.objects()) {
            List.copyOf(store.all(object)).stream().filter(Records::isDeleted)
                    .forEach(one -> store.delete(object, one));
        }
    }

    // Values by canonical field name; a null clears. The order of the checks is the order of Salesforce's refusals.
    private ObjectNode normalised(String object, ObjectNode given, Stored old) {
        ObjectNode values = Json.object();
        List<String> readOnly = new ArrayList<>();
        var all = given.fields();
        while (all.hasNext()) {
            var one = all.next();
            if (one.getKey().equals("attributes")) {
                continue;
            }
            Field field = schema.field(object, one.getKey());
            if (field == null) {
                Field reference = schema.relationship(object, one.getKey());
                if (reference == null || !one.getValue().isObject()) {
                    throw new RowRefused("INVALID_FIELD", "No such column '" + one.getKey()
                            + "' on sobject of type " + object);
                }
                values.put(reference.name(), referenced(reference, (ObjectNode) one.getValue()));
                field = reference;
            } else if (field.kind() == Field.Kind.ID) {
                throw new RowRefused("INVALID_FIELD", old == null ? "cannot specify Id in an insert call"
                        : "The Id field should not be specified in the sobject data.", "Id");
            }
            if (field.is("read-only") || old != null && field.is("create-only")) {
                readOnly.add(field.name());
            } else if (!values.has(field.name())) {
                values.set(field.name(), field.normalise(one.getValue()));
            }
        }
        if (!readOnly.isEmpty()) {
            throw new RowRefused("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "
                    + String.join(", ", readOnly) + ". Please check the security settings of this field and verify "
                    + "that it is read/write for your profile or permission set.", readOnly.toArray(String[]::new));
        }
        values.fieldNames().forEachRemaining(name -> requireReference(schema.field(object, name), values.get(name)));
        requireActiveOwner(object, values.path("OwnerId").asText(""));
        return values;
    }

    private String referenced(Field field, ObjectNode reference) {
        List<String> keys = new ArrayList<>();
        reference.fieldNames().forEachRemaining(keys::add);
        keys.remove("attributes");
        String target = field.values().get(0);
        Field key = keys.size() == 1 ? schema.field(target, keys.get(0)) : null;
        if (key == null || !key.is("external-id") && key.kind() != Field.Kind.ID) {
            throw new RowRefused("INVALID_FIELD", "More than 1 field or no external id provided in an "
                    + "external foreign key reference in entity: " + target);
        }
        String value = reference.get(keys.get(0)).asText();
        List<Stored> found = key.kind() == Field.Kind.ID ? Stream.ofNullable(any(target, value))
                .filter(one -> !isDeleted(one)).toList() : find(target, key.name(), value);
        if (found.size() != 1) {
            throw new RowRefused("INVALID_FIELD", (found.isEmpty() ? "Foreign key external ID: " + value
                    + " not found for field " : "More than one record found for external id field: ") + key.name()
                    + " in entity " + target);
        }
        return found.get(0).id();
    }

    /** The words name no field: https://experienceleague.adobe.com has them among those of its CRM export. */
    private void requireActiveOwner(String object, String id) {
        Stored owner = id.isEmpty() ? null : any("User", id);
        if (owner != null && !owner.values().path("IsActive").asBoolean()) {
            throw new RowRefused("INACTIVE_OWNER_OR_USER", "operation performed with inactive user ["
                    + owner.id().substring(0, 15) + "] as owner of " + object.toLowerCase(Locale.ROOT));
        }
    }

    private void requireReference(Field field, JsonNode value) {
        if (field.kind() != Field.Kind.REFERENCE || value.isNull()) {
            return;
        }
        String id = value.asText();
        String target = schema.objectOf(id);
        if (target == null || !field.values().contains(target)) {
            throw new RowRefused("FIELD_INTEGRITY_EXCEPTION", field.label()
                    + ": id value of incorrect type: " + id, field.name());
        }
        Stored stored = any(target, id);
        if (stored == null) {
            throw new RowRefused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", field.name());
        }
        if (isDeleted(stored)) {
            throw new RowRefused("ENTITY_IS_DELETED", "entity is deleted", field.name());
        }
    }

    private void check(String object, Stored old, ObjectNode values, ObjectNode given, Writer writer) {
        boolean person = object.equals("Account") && isPerson(values);
        if (object.equals("Account") && org.personAccounts()) {
            checkPersonFields(old, values, given, person);
        }
        List<String> missing = schema.fields(object).stream()
                .filter(field -> field.is("required") && !values.hasNonNull(field.name()))
                .map(Field::name).filter(name -> !(person && name.equals("Name"))).toList();
        if (person && !values.hasNonNull("LastName")) {
            missing = List.of("LastName");
        }
        if (!missing.isEmpty()) {
            throw new RowRefused("REQUIRED_FIELD_MISSING", "Required fields are missing: " + missing,
                    missing.toArray(String[]::new));
        }
        switch (object) {
            case "Order" -> checkOrder(old, values);
            case "OrderItem" -> checkItem("Order", "OrderId", values, true);
            case "OpportunityLineItem" -> checkItem("Opportunity", "OpportunityId", values, false);
            case "PricebookEntry" -> checkEntry(old, values);
            default -> {
                // no rules beyond those of the fields
            }
        }
        checkRules(object, values);
        places.check(schema.fields(object), values, given);
        checkUnique(object, old, values);
        checkDuplicates(object, old, values, writer);
    }

    private void checkPersonFields(Stored old, ObjectNode values, ObjectNode given, boolean person) {
        List<String> bad = new ArrayList<>();
        given.fieldNames().forEachRemaining(name -> {
            boolean personal = name.startsWith("Person") || name.endsWith("__pc")
                    || Set.of("FirstName", "LastName", "Salutation").contains(name);
            if (person ? name.equals("Name") : personal) {
                bad.add(name);
            }
        });
        if (!bad.isEmpty()) {
            throw new RowRefused("INVALID_FIELD_FOR_INSERT_UPDATE",
                    "Account: bad field names on insert/update call: " + String.join(", ", bad),
                    bad.toArray(String[]::new));
        }
        if (old != null && isPerson(old.values()) != person) {
            throw new RowRefused("INVALID_FIELD_FOR_INSERT_UPDATE", "The record type of an account cannot be "
                    + "changed between business and person here", "RecordTypeId");
        }
    }

    private void checkOrder(Stored old, ObjectNode values) {
        boolean active = "Activated".equals(values.path("Status").asText());
        if (old == null) {
            if (active) {
                throw new RowRefused("FAILED_ACTIVATION", "Choose a valid order status and save your "
                        + "changes: an order is created as Draft and activated afterwards", "Status");
            }
            return;
        }
        boolean hasItems = !find("OrderItem", "OrderId", old.id()).isEmpty();
        if (active && !hasItems) {
            throw new RowRefused("FAILED_ACTIVATION", "An order must have at least one product.", "Status");
        }
        for (Field field : schema.fields("Order")) {
            boolean changed = !Objects.equals(old.values().get(field.name()), values.get(field.name()));
            boolean locked = "Activated".equals(old.text("Status")) && !field.is("read-only") && !field.isCustom()
                    && !OPEN_WHEN_ACTIVATED.contains(field.name());
            boolean bound = hasItems && Set.of("Pricebook2Id", "CurrencyIsoCode").contains(field.name());
            if (changed && (locked || bound)) {
                throw new RowRefused("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: "
                        + field.name() + (locked ? " (the order is activated)" : " (the order has products)"),
                        field.name());
            }
        }
    }

    private void requireDraft(ObjectNode item) {
        if (!"Draft".equals(store.get("Order", item.path("OrderId").asText()).text("Status"))) {
            throw new RowRefused("FIELD_INTEGRITY_EXCEPTION",
                    "field integrity exception: OrderId (the order is activated)", "OrderId");
        }
    }

    private void checkItem(String parentObject, String parentField, ObjectNode values, boolean order) {
        Stored parent = store.get(parentObject, values.path(parentField).asText());
        Stored entry = store.get("PricebookEntry", values.path("PricebookEntryId").asText());
        if (order) {
            requireDraft(values);
        }
        String book = parent.text("Pricebook2Id");
        String wrong = null;
        if (order ? !Objects.equals(book, entry.text("Pricebook2Id"))
                : book != null && !book.equals(entry.text("Pricebook2Id"))) {
            wrong = "pricebook entry has been archived or is in a different pricebook than the one assigned to the "
                    + parentObject.toLowerCase(Locale.ROOT);
        } else if (!entry.values().path("IsActive").asBoolean()) {
            wrong = "pricebook entry is inactive";
        } else if (!Objects.equals(parent.text("CurrencyIsoCode"), entry.text("CurrencyIsoCode"))) {
            wrong = "The pricebook entry currency code does not match the " + parentObject.toLowerCase(Locale.ROOT)
                    + " currency code";
        }
        if (wrong != null) {
            throw new RowRefused("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: PricebookEntryId ("
                    + wrong + ")", "PricebookEntryId");
        }
        int sign = values.path("Quantity").decimalValue().signum();
        if (order ? sign <= 0 : sign == 0) {
            throw new RowRefused("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: Quantity ("
                    + (order ? "must be greater than zero" : "must be nonzero") + ")", "Quantity");
        }
    }

    private void checkEntry(Stored old, ObjectNode values) {
        String book = values.path("Pricebook2Id").asText();
        List<Stored> ofProduct = find("PricebookEntry", "Product2Id", values.path("Product2Id").asText()).stream()
                .filter(one -> old == null || !one.id().equals(old.id()))
                .filter(one -> Objects.equals(one.text("CurrencyIsoCode"),
                        values.path("CurrencyIsoCode").asText(null))).toList();
        if (ofProduct.stream().anyMatch(one -> book.equals(one.text("Pricebook2Id")))) {
            throw new RowRefused("DUPLICATE_VALUE", "This price definition already exists in this price "
                    + "book");
        }
        if (!book.equals(standardPricebook)
                && ofProduct.stream().noneMatch(one -> standardPricebook.equals(one.text("Pricebook2Id")))) {
            throw new RowRefused("STANDARD_PRICE_NOT_DEFINED",
                    "Before creating a custom price, create a standard price.");
        }
    }

    private void checkRules(String object, ObjectNode values) {
        for (ValidationRule rule : validationRules) {
            if (rule.object().equals(object) && rule.refused().matcher(values.path(rule.field()).asText("")).find()) {
                throw new RowRefused("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message(), rule.field());
            }
        }
    }

    private void checkUnique(String object, Stored old, ObjectNode values) {
        for (Field field : schema.fields(object)) {
            if (!field.is("unique") || !values.hasNonNull(field.name())) {
                continue;
            }
            for (Stored owner : find(object, field.name(), values.get(field.name()).asText())) {
                if (old == null || !old.id().equals(owner.id())) {
                    // https://github.com/SFDO-Community/declarative-lookup-rollup-summaries/issues/1039 has such an id.
                    throw new RowRefused("DUPLICATE_VALUE", "duplicate value found: " + field.name()
                            + " duplicates value on record with id: " + owner.id().substring(0, 15));
                }
            }
        }
    }

    private void checkDuplicates(String object, Stored old, ObjectNode values, Writer writer) {
        List<String> fields = duplicateRules.getOrDefault(object, List.of());
        if (fields.isEmpty() || writer.savesDuplicates()
                || !fields.stream().allMatch(field -> values.hasNonNull(field))) {
            return;
        }
        if (old != null && fields.stream().allMatch(field -> values.get(field).equals(old.values().get(field)))) {
            return;
        }
        List<Stored> same = find(object, fields.get(0), values.get(fields.get(0)).asText()).stream()
                .filter(one -> old == null || !one.id().equals(old.id()))
                .filter(one -> fields.stream().allMatch(field ->
                        values.get(field).asText().equalsIgnoreCase(one.text(field)))).toList();
        if (!same.isEmpty()) {
            throw new RowRefused("DUPLICATES_DETECTED", "Use one of these records?",
                    duplicateResult(object, same, writer.showsDuplicates()));
        }
    }

    private ObjectNode duplicateResult(String object, List<Stored> same, boolean details) {
        ObjectNode result = Json.object().put("allowSave", true).put("duplicateRule", "Standard_" + object
                + "_Duplicate_Rule").put("duplicateRuleEntityType", object)
                .put("errorMessage", "Use one of these records?");
        ObjectNode match = result.putArray("matchResults").addObject().put("entityType", object)
                .put("matchEngine", "ExactMatchEngine").put("rule", "Standard_" + object + "_Match_Rule")
                .put("size", same.size()).put("success", true);
        match.putArray("errors");
        ArrayNode records = match.putArray("matchRecords");
        for (Stored one : same) {
            ObjectNode record = records.addObject().put("matchConfidence", 100.0).putObject("record");
            record.putObject("attributes").put("type", object);
            record.put("Id", one.id());
            if (details) {
                ObjectNode whole = whole(object, one);
                whole.remove("client");
                record.setAll(whole);
            }
        }
        return result;
    }
}
