package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The sObjects that a connector of orders and customers meets, with those of their standard fields that it may touch.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference">Object
 *     reference</a>
 */
final class Schema {

    /** What Salesforce fills in itself where a required field is left out. */
    static final Map<String, String> DEFAULTS = Map.of("Task.Status", "Not Started", "Task.Priority", "Normal");

    private static final Set<String> OF_MANY_CURRENCIES = Set.of("Account", "Contact", "Order", "OrderItem", "Product2",
            "PricebookEntry", "Opportunity", "OpportunityLineItem");
    private static final Set<String> OWNED = Set.of("Account", "Contact", "Order", "Opportunity", "Task");
    private static final Set<String> READ_ONLY = Set.of("User", "RecordType");

    private static final String STANDARD = """
            Account 001
              Name string 255 required
              AccountNumber string 40
              Type picklist Customer,Prospect,Partner,Other open
              Industry picklist Retail,Other open
              Phone phone
              Website url
              BillingStreet textarea
              BillingCity string 40
              BillingState string 80
              BillingPostalCode string 20
              BillingCountry string 80
              ShippingStreet textarea
              ShippingCity string 40
              ShippingState string 80
              ShippingPostalCode string 20
              ShippingCountry string 80
              Description textarea 32000
              AccountSource picklist Web,Other open
              ParentId reference Account
              MasterRecordId reference Account read-only
            Contact 003
              AccountId reference Account
              LastName string 80 required
              FirstName string 40
              Salutation picklist Mr.,Ms.,Mrs.,Dr.,Prof.,Mx. open
              Name string 121 read-only
              Email email
              Phone phone
              MobilePhone phone
              HomePhone phone
              Title string 128
              Department string 80
              MailingStreet textarea
              MailingCity string 40
              MailingState string 80
              MailingPostalCode string 20
              MailingCountry string 80
              OtherStreet textarea
              OtherCity string 40
              OtherState string 80
              OtherPostalCode string 20
              OtherCountry string 80
              Birthdate date
              LeadSource picklist Web,Other open
              Description textarea 32000
              HasOptedOutOfEmail boolean
              DoNotCall boolean
              ReportsToId reference Contact
              MasterRecordId reference Contact read-only
            Order 801
              AccountId reference Account required
              EffectiveDate date required
              EndDate date
              Status picklist Draft,Activated required
              StatusCode picklist Draft,Activated read-only
              Type picklist Web,Other open
              Name string 80
              OrderNumber string 30 read-only
              OrderReferenceNumber string 80
              PoNumber string 80
              PoDate date
              Pricebook2Id reference Pricebook2
              OpportunityId reference Opportunity
              BillToContactId reference Contact
              ShipToContactId reference Contact
              BillingStreet textarea
              BillingCity string 40
              BillingState string 80
              BillingPostalCode string 20
              BillingCountry string 80
              ShippingStreet textarea
              ShippingCity string 40
              ShippingState string 80
              ShippingPostalCode string 20
              ShippingCountry string 80
              Description textarea 32000
              TotalAmount currency 18.2 read-only
              ActivatedDate datetime read-only
            OrderItem 802
              OrderId reference Order required create-only
              PricebookEntryId reference PricebookEntry required create-only
              Product2Id reference Product2 read-only
              Quantity double 18.2 required
              UnitPrice currency 18.2 required
              ListPrice currency 18.2 read-only
              TotalPrice currency 18.2 read-only
              OrderItemNumber string 30 read-only
              Description string 255
              ServiceDate date
              EndDate date
            Product2 01t
              Name string 255 required
              ProductCode string 255
              StockKeepingUnit string 180
              Description textarea 4000
              IsActive boolean
              Family picklist None open
              DisplayUrl url 1000
            Pricebook2 01s
              Name string 255 required
              Description string 255
              IsActive boolean
              IsStandard boolean read-only
            PricebookEntry 01u
              Pricebook2Id reference Pricebook2 required create-only
              Product2Id reference Product2 required create-only
              UnitPrice currency 18.2 required
              IsActive boolean
              UseStandardPrice boolean
              Name string 255 read-only
              ProductCode string 255 read-only
            Opportunity 006
              Name string 120 required
              AccountId reference Account
              ContactId reference Contact create-only
              StageName picklist Prospecting,Closed_Won,Closed_Lost required open
              CloseDate date required
              Amount currency 18.2
              Probability double 3.0
              Type picklist Web,Other open
              LeadSource picklist Web,Other open
              NextStep string 255
              Description textarea 32000
              Pricebook2Id reference Pricebook2
              IsClosed boolean read-only
              IsWon boolean read-only
            OpportunityLineItem 00k
              OpportunityId reference Opportunity required create-only
              PricebookEntryId reference PricebookEntry required create-only
              Product2Id reference Product2 read-only
              Quantity double 18.2 required
              UnitPrice currency 18.2
              ListPrice currency 18.2 read-only
              TotalPrice currency 18.2 read-only
              Name string 376 read-only
              Description string 255
              ServiceDate date
            Task 00T
              Subject string 255
              WhoId reference Contact
              WhatId reference Account,Order,Opportunity
              ActivityDate date
              Status picklist Not_Started,In_Progress,Completed required open
              Priority picklist High,Normal,Low required open
              Description textarea 32000
              IsClosed boolean read-only
            User 005
              Username string 80 read-only
              Name string 121 read-only
              Email email read-only
              IsActive boolean read-only
            RecordType 012
              Name string 80 read-only
              DeveloperName string 80 read-only
              SobjectType string 40 read-only
              IsPersonType boolean read-only
              IsActive boolean read-only
            """;

    private static final String PERSON = """
              RecordTypeId reference RecordType
              IsPersonAccount boolean read-only
              PersonContactId reference Contact read-only
              LastName string 80
              FirstName string 40
              Salutation picklist Mr.,Ms.,Mrs.,Dr.,Prof.,Mx. open
              PersonEmail email
              PersonMobilePhone phone
              PersonHomePhone phone
              PersonTitle string 80
              PersonBirthdate date
              PersonLeadSource picklist Web,Other open
              PersonHasOptedOutOfEmail boolean
              PersonDoNotCall boolean
              PersonMailingStreet textarea
              PersonMailingCity string 40
              PersonMailingState string 80
              PersonMailingPostalCode string 20
              PersonMailingCountry string 80
            """;

    private final Map<String, String> prefixes = new LinkedHashMap<>();
    private final Map<String, Map<String, Field>> byObject = new LinkedHashMap<>();
    private final boolean personAccounts;
    private final boolean multiCurrency;

    Schema(Org org) {
        this.personAccounts = org.personAccounts();
        String object = null;
        for (String line : STANDARD.lines().toList()) {
            if (line.startsWith(" ")) {
                define(object, Field.parse(line));
            } else {
                object = line.split(" ")[0];
                prefixes.put(object, line.split(" ")[1]);
                byObject.put(object, new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
                system(object, org.multiCurrency());
            }
        }
        if (personAccounts) {
            PERSON.lines().forEach(line -> define("Account", Field.parse(line)));
            define("Contact", Field.parse("IsPersonAccount boolean read-only"));
        }
        this.multiCurrency = org.multiCurrency();
        org.fields().forEach(this::define);
    }

    /** Adds the fields of a metadata package's file; a custom object that isn't there is made with them. */
    void deploy(String object, byte[] file) {
        customObject(object);
        Metadata.fields(file).forEach(field -> custom(needed(object, object), field));
    }

    private void customObject(String object) {
        if (object.endsWith("__c") && !byObject.containsKey(object)) {
            prefixes.put(object, "a%02d".formatted(byObject.size()));
            byObject.put(object, new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
            system(object, multiCurrency);
            define(object, Field.parse("Name string 80 required"));
        }
    }

    private void system(String object, boolean multiCurrency) {
        List<String> lines = new ArrayList<>(List.of("Id id", "IsDeleted boolean read-only",
                "CreatedDate datetime read-only", "CreatedById reference User read-only",
                "LastModifiedDate datetime read-only", "LastModifiedById reference User read-only",
                "SystemModstamp datetime read-only"));
        boolean custom = object.endsWith("__c");
        if (OWNED.contains(object) || custom) {
            lines.add("OwnerId reference User");
        }
        if (multiCurrency && (OF_MANY_CURRENCIES.contains(object) || custom)) {
            boolean child = Set.of("OrderItem", "OpportunityLineItem").contains(object);
            lines.add("CurrencyIsoCode picklist EUR,USD,GBP,CHF,CAD,AUD,JPY,BHD" + (child ? " read-only" : "")
                    + (object.equals("PricebookEntry") ? " create-only" : ""));
        }
        lines.forEach(line -> define(object, Field.parse(line)));
    }

    /** Adds a field, {@code Object.Name kind …}; a custom object is there where a field of it is. */
    void define(String text) {
        int dot = Math.max(0, text.indexOf('.'));
        String object = text.substring(0, dot).trim();
        customObject(object);
        custom(needed(object, text), Field.parse(text.substring(dot + 1)));
    }

    private String needed(String name, String text) {
        String object = object(name);
        if (object == null) {
            throw new IllegalArgumentException("\"" + text + "\" names no object of the simulated Salesforce; write "
                    + "Object.Field kind …, with an object of " + byObject.keySet());
        }
        return object;
    }

    /** A custom field of Contact is one of person accounts too. */
    private void custom(String object, Field field) {
        define(object, field);
        if (personAccounts && object.equals("Contact") && field.name().endsWith("__c")) {
            define("Account", new Field(field.name().replaceAll("__c$", "__pc"), field.kind(),
                    field.length(), field.decimals(), field.values(), field.traits()));
        }
    }

    private void define(String object, Field field) {
        byObject.get(object).put(field.name(), field);
    }

    Set<String> objects() {
        return byObject.keySet();
    }

    /** The object's name as Salesforce writes it, whatever case it was given in; null if there is none. */
    String object(String given) {
        return byObject.keySet().stream().filter(one -> one.equalsIgnoreCase(given)).findFirst().orElse(null);
    }

    String prefix(String object) {
        return prefixes.get(object);
    }

    /** The object that an id belongs to; null if none. */
    String objectOf(String id) {
        return prefixes.entrySet().stream().filter(one -> id.startsWith(one.getValue())).map(Map.Entry::getKey)
                .findFirst().orElse(null);
    }

    /** Found in any case; null if there is none. */
    Field field(String object, String name) {
        return byObject.get(object).get(name);
    }

    Collection<Field> fields(String object) {
        return byObject.get(object).values();
    }

    /** The reference field whose relationship has this name; null if there is none. */
    Field relationship(String object, String name) {
        return fields(object).stream().filter(field -> name.equalsIgnoreCase(field.relationship())).findFirst()
                .orElse(null);
    }

    boolean writable(String object) {
        return !READ_ONLY.contains(object);
    }

    ObjectNode summary(String object, String base) {
        ObjectNode summary = Json.object().put("name", object).put("label", object).put("labelPlural", object + "s")
                .put("keyPrefix", prefix(object)).put("custom", object.endsWith("__c")).put("createable", writable(object))
                .put("updateable", writable(object)).put("deletable", writable(object)).put("queryable", true)
                .put("retrieveable", true).put("searchable", true).put("triggerable", true).put("undeletable", true)
                .put("mergeable", Set.of("Account", "Contact").contains(object));
        String path = base + "/sobjects/" + object;
        summary.putObject("urls").put("sobject", path).put("describe", path + "/describe")
                .put("rowTemplate", path + "/{ID}");
        return summary;
    }

    ObjectNode describe(String object, String base) {
        ObjectNode description = summary(object, base);
        ArrayNode fields = description.putArray("fields");
        fields(object).forEach(field -> fields.add(field.describe()));
        description.putArray("childRelationships");
        description.putArray("recordTypeInfos");
        return description;
    }

}
