package io.shopbridge.map;

import io.shopbridge.yaml.InvalidMappings;
import static io.shopbridge.map.ExpressionTest.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingsTest {

    private static final MappingContext MAIN = new MappingContext("main", "US");

    @TempDir
    private Path root;

    @BeforeEach
    void aSampleAndATable() throws IOException {
        write("samples/customer.json", "{\"id\":\"1\",\"email\":\"a@example.com\",\"state\":\"on\",\"tags\":[\"x\"]}");
        write("tables/state.yaml", "values: { on: active, OFF: inactive }\nleave: [unknown]\n");
        write("crm/customer-to-contact.test.yaml", "tests: []\n");
    }

    @Test
    void everythingWrongIsReportedAtOnceWithItsLine() throws IOException {
        String report = faultsOf("""
                shopify: customer
                crm: Contact
                colour: red
                identity:
                  external-id: { field: Key }
                  match:
                    - { field: Email, from: .email, clean: emial }
                fields:
                  Email:
                    from: .email
                    owner: shopfy
                  Name:
                    from: .name
                  Stage:
                    owner: crm
                    from: .state
                  State:
                    from: .state | frobnicate
                    table: stat
                    owner: shopify
                  State:
                    from: .state
                    owner: shopify
                  Tags:
                    from: .tags[], .tags[]
                    owner: shopify
                    direction: both
                  Token:
                    from: '"shpat_0123456789abcdef"'
                    owner: shopify
                  Required:
                    from: .state
                    owner: shopify
                    required: maybe
                links:
                  friend: { to: frend, record: .friend_id }
                """);

        assertThat(report.lines()).containsExactlyInAnyOrder(
                "crm/customer-to-contact.yaml:21 fields.State: the key is there twice; keep one of them",
                "crm/customer-to-contact.yaml:29 fields.Token.from: looks like a secret;"
                        + " secrets are settings: put it into the environment and rotate it",
                "crm/customer-to-contact.yaml:3 colour: unknown key; legal: description, shopify, crm, orders,"
                        + " switch, identity, skip, fields, stores, links, children",
                "crm/customer-to-contact.yaml:5 identity.external-id: the key from is missing;"
                        + " write the jq that gives the value, as in `from: .id`",
                "crm/customer-to-contact.yaml:7 identity.match[0].clean: \"emial\" is not a cleaner;"
                        + " did you mean \"email\"? legal: boolean, country, date, day, decimal, email, integer, lower,"
                        + " number, phone, trim, upper, currency shop, join, max-length 80, money shop, text",
                "crm/customer-to-contact.yaml:11 fields.Email.owner: \"shopfy\" is not an owner;"
                        + " did you mean \"shopify\"? legal: shopify, shopify-on-create, shopify-once, newest-wins,"
                        + " crm",
                "crm/customer-to-contact.yaml:12 fields.Name: the key owner is missing;"
                        + " choose who decides: shopify, shopify-on-create, shopify-once, newest-wins, crm",
                "crm/customer-to-contact.yaml:16 fields.Stage.from: the CRM's own field is never written;"
                        + " remove from, or choose another owner",
                "crm/customer-to-contact.yaml:18 fields.State.from: function frobnicate does not exist or is not"
                        + " allowed; see the jq 1.7 manual, https://jqlang.org/manual/v1.7/",
                "crm/customer-to-contact.yaml:19 fields.State.table: there is no tables/stat.yaml;"
                        + " did you mean \"state\"? legal: state",
                "crm/customer-to-contact.yaml:24 fields.Tags: the key back is missing;"
                        + " write `back: { to: <Shopify field>, from: .<CRM field> }`",
                "crm/customer-to-contact.yaml:25 fields.Tags.from: .tags[], .tags[] gives 2 values, where exactly one"
                        + " is needed; it must give one value for the whole record in samples/",
                "crm/customer-to-contact.yaml:34 fields.Required.required: is neither true nor false;"
                        + " write true or false",
                "crm/customer-to-contact.yaml:36 links.friend.to: frend is not mapped in this folder; legal: customer",
                "crm/customer-to-contact.yaml:36 links.friend: it isn't clear how the CRM stores the link;"
                        + " write either `field: <CRM field>` or `associate: <CRM object>`");
    }

    @Test
    void brokenYamlIsReportedWithItsLine() throws IOException {
        assertThat(faultsOf("shopify: customer\ncrm: [Contact\nfields: {}\n"))
                .startsWith("crm/customer-to-contact.yaml:3: not YAML: ");
        assertThat(faultsOf("")).contains("the file is empty");
        assertThat(faultsOf("crm: Contact\n")).contains("the key shopify is missing");
        assertThat(faultsOf("- a\n")).contains("is not a mapping file");
    }

    @Test
    void aMappingWithoutSampleIsRefused() throws IOException {
        assertThat(faultsOf("shopify: custmer\ncrm: Contact\nfields: { A: { from: .id, owner: shopify } }\n"))
                .contains("there is no samples/custmer.json; did you mean \"customer\"?");
    }

    @Test
    void aTableSaysWhatItDoesNotKnow() throws IOException {
        Mapping mapping = mapping("fields: { State: { from: .state, table: state, owner: shopify } }");

        assertThat(mapping.map(json("{'state':'ON'}"), MAIN).fields()).containsEntry("State", json("'active'"));
        assertThat(mapping.map(json("{'state':'off'}"), MAIN).fields()).containsEntry("State", json("'inactive'"));
        assertThat(mapping.map(json("{'state':null}"), MAIN).fields()).containsEntry("State", json("null"));
        assertThat(mapping.map(json("{'state':'unknown'}"), MAIN).fields()).isEmpty();
        assertThat(mapping.map(json("{'state':'shrugged'}"), MAIN).mended()).map(Mended::toString)
                .containsExactly("without State: \"shrugged\" is not in tables/state.yaml");
    }

    @Test
    void aValueThatIsRefusedIsLeftOutUnlessTheMappingSaysThatItMayNotBeMissing() throws IOException {
        Mapping mapping = mapping("""
                fields:
                  Optional: { from: .email, clean: email, owner: shopify }
                  Strict: { from: .email, clean: email, on-refusal: reject-record, owner: shopify }
                  Needed: { from: .email, clean: email, required: true, owner: shopify }
                """);

        MappedRecord mapped = mapping.map(json("{'email':'ada at example'}"), MAIN);
        assertThat(mapped.fields()).isEmpty();
        assertThat(mapped.mended()).containsExactly(
                new Mended("Optional", true, "is not a plausible e-mail address"));
        assertThat(mapped.refusals()).containsExactly("Strict: is not a plausible e-mail address",
                "Needed: is not a plausible e-mail address");
    }

    @Test
    void aTextThatIsTooLongIsCutAndReported() throws IOException {
        Mapping mapping = mapping("fields: { Name: { from: .name, clean: [trim, max-length 3], owner: shopify } }");

        MappedRecord mapped = mapping.map(json("{'name':' abcd'}"), MAIN);
        assertThat(mapped.fields()).containsEntry("Name", json("'abc'"));
        assertThat(mapped.mended()).map(Mended::toString).containsExactly("Name: cut to 3 characters");
        assertThat(mapping.map(json("{'name':'abc'}"), MAIN).mended()).isEmpty();
    }

    @Test
    void aTextWithoutALengthOfItsOwnHasThatOfItsCrm() throws IOException {
        Files.writeString(Files.createDirectories(root.resolve("crm")).resolve("crm.yaml"),
                "texts: { usual: 4, longest: 6, counted-in: utf-16 }");
        Mapping mapping = mapping("""
                fields:
                  Usual: { from: .name, owner: shopify }
                  Long: { from: .name, clean: max-length 6, owner: shopify }
                """);

        MappedRecord mapped = mapping.map(json("{'name':'\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00'}"), MAIN);
        assertThat(mapped.fields()).containsEntry("Usual", json("'\uD83D\uDE00\uD83D\uDE00'"))
                .containsEntry("Long", json("'\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00'"));
        assertThat(mapped.mended()).hasSize(2);
    }

    @Test
    void requiredFieldsAndDefaults() throws IOException {
        Mapping mapping = mapping("""
                fields:
                  Name: { from: .name, owner: shopify, required: true }
                  Last: { from: .last, owner: shopify, required: true, default: "-" }
                  NO: { from: .id, owner: shopify }
                """);

        MappedRecord mapped = mapping.map(json("{'name':'  ','id':12345678901234567890}"), MAIN);

        assertThat(mapped.refusals()).containsExactly("Name: is required, and .name gives nothing");
        assertThat(mapped.fields()).containsEntry("Last", json("'-'"))
                .containsEntry("NO", json("12345678901234567890"));
    }

    @Test
    void aHitIsComparedAgainAfterNormalising() throws IOException {
        Mapping mapping = mapping("""
                identity:
                  match:
                    - { field: Email, from: .email, clean: email }
                    - { field: Phone, from: .phone, clean: phone }
                fields: {}
                """);
        var keys = mapping.matchKeys(json("{'email':'A@Example.com','phone':'(639) 372 1289'}"), MAIN);

        assertThat(keys).containsExactly(new MatchKey("Email", "a@example.com", false),
                new MatchKey("Phone", "+16393721289", true));
        assertThat(mapping.valuesOf(keys.get(0), json("' a@EXAMPLE.com'"), MAIN)).containsExactly("a@example.com");
        assertThat(mapping.valuesOf(keys.get(1), json("[{'value':'+1 639-372-1289'}, {'value': 'none'}, null]"), MAIN))
                .containsExactly("+16393721289");
        assertThat(mapping.valuesOf(keys.get(1), null, MAIN)).isEmpty();
        assertThat(mapping.fieldNames()).containsExactlyInAnyOrder("Email", "Phone");
        assertThat(mapping.matchKeys(json("{'email':'nobody','phone':'555-555-SHIP'}"), MAIN)).isEmpty();
    }

    @Test
    void aCrmsNotationIsNotAChange() throws IOException {
        Mapping mapping = mapping("""
                fields:
                  Amount: { from: .amount, clean: decimal, owner: shopify }
                  At: { from: .at, clean: date, owner: shopify }
                  Flag: { from: .flag, clean: boolean, owner: shopify }
                  Text: { from: .text, owner: shopify }
                  Phone: { from: .phone, clean: [phone or-as-is, max-length 40], owner: shopify }
                """);

        assertThat(same(mapping, "Phone", "'+15032281234'", "'(503) 228-1234'")).isTrue();
        assertThat(same(mapping, "Phone", "'+4930901820'", "'030 / 90 18 20'")).isTrue();
        assertThat(same(mapping, "Phone", "'+15032281234'", "'(503) 228-1235'")).isFalse();
        assertThat(same(mapping, "Phone", "'+15032281234'", "'228-1234'")).as("of any area").isFalse();
        assertThat(same(mapping, "Phone", "'+15032281234'", "'5032281234'")).as("the country was added").isFalse();
        assertThat(same(mapping, "Phone", "'555-555-SHIP'", "'555-555-SHOP'")).isFalse();
        assertThat(same(mapping, "Amount", "'10.00'", "'10'")).isTrue();
        assertThat(same(mapping, "Amount", "'10.00'", "10.001")).isFalse();
        assertThat(same(mapping, "At", "'2026-01-31T10:00:00Z'", "'2026-01-31T10:00:00.000+00:00'")).isTrue();
        assertThat(same(mapping, "Flag", "true", "'True'")).isTrue();
        assertThat(same(mapping, "Flag", "false", "null")).isFalse();
        assertThat(same(mapping, "Text", "null", "''")).isTrue();
        assertThat(same(mapping, "Text", "'10.00'", "'10'")).isFalse();
        assertThat(same(mapping, "Text", "'cut here '", "'cut here'")).isTrue();
        assertThat(same(mapping, "Text", "'one\\ntwo'", "'one\\r\\ntwo'")).isTrue();
        assertThat(same(mapping, "Text", "'cut here'", "'cuthere'")).isFalse();
        assertThat(same(mapping, "Text", "['a','b']", "['b','a']")).isFalse();
    }

    @Test
    void childrenSeeTheStoreAndTheWholeParent() throws IOException {
        Mapping mapping = mapping("""
                fields: {}
                children:
                  marks:
                    each: '.tags[]? | {tag: .}'
                    entity: mark
                    crm: marks
                    identity: { external-id: { field: Key, from: '"\\(.store):\\(.customer.id):\\(.tag)"' } }
                    fields: { Tag: { from: .tag, owner: shopify } }
                    links: { owner: { to: parent, associate: contacts } }
                """);
        ChildMapping marks = mapping.children().get(0);
        JsonNode element = marks.each(json("{'id':'7','tags':['x','y']}"), MAIN).get(1);

        assertThat(marks.externalId(element, MAIN)).contains("main:7:y");
        assertThat(marks.map(element, MAIN).fields()).containsEntry("Key", json("'main:7:y'"))
                .containsEntry("Tag", json("'y'"));
        assertThat(marks.links().get(0).toParent()).isTrue();
        assertThat(marks.fields().get(0).owner()).isEqualTo(Owner.SHOPIFY_ON_CREATE);
    }

    @Test
    void aRecordInAnotherShapeIsRefusedWithASentence() throws IOException {
        Mapping mapping = mapping("fields: { City: { from: .address.city, owner: shopify } }");

        assertThat(mapping.map(json("{'address':'somewhere'}"), MAIN).mended()).map(Mended::toString)
                .containsExactly("without City: .address.city fails: .city is asked of a text, which has no fields");
        assertThat(mapping.map(json("[]"), MAIN).fields()).containsEntry("City", json("null"));
    }

    @Test
    void aStoreMayDifferInSomeFieldsWithoutACopy() throws IOException {
        write("tables/outlet.yaml", "values: { on: outlet-active }\n");
        Mapping mapping = mapping("""
                fields:
                  State: { from: .state, table: state, owner: shopify }
                  Brand: { from: '"main brand"', owner: shopify-on-create }
                  Email: { from: .email, clean: email, owner: shopify }
                stores:
                  outlet:
                    description: sells what is left over
                    fields:
                      State: { table: outlet }
                      Brand: { from: '"outlet brand"' }
                """);
        JsonNode record = json("{'state':'on','email':'A@example.com'}");

        assertThat(mapping.map(record, MAIN).fields()).containsEntry("State", json("'active'"))
                .containsEntry("Brand", json("'main brand'"));
        assertThat(mapping.map(record, new MappingContext("outlet", "US")).fields())
                .containsEntry("State", json("'outlet-active'")).containsEntry("Brand", json("'outlet brand'"))
                .containsEntry("Email", json("'a@example.com'"));
    }

    @Test
    void whatIsWrongInAStoresPartIsReportedThere() throws IOException {
        assertThat(faultsOf("""
                shopify: customer
                crm: Contact
                fields:
                  State: { from: .state, owner: shopify }
                stores:
                  outlet:
                    fields:
                      Stat: { from: .state }
                      State: { owner: crm, table: stat }
                """)).contains("customer-to-contact.yaml:8 stores.outlet.fields.Stat: the mapping has no field Stat; did"
                        + " you mean \"State\"?")
                .contains(":9 stores.outlet.fields.State.owner: unknown key")
                .contains(":9 stores.outlet.fields.State.table: there is no tables/stat.yaml; did you mean \"state\"?");
    }

    @Test
    void ordersMayBeMappedOnceForEachFormTheyCanTake() throws IOException {
        write("samples/order.json", "{\"id\":\"1\"}");
        for (String form : List.of("object", "deal")) {
            write("crm/order-" + form + ".yaml", "shopify: order\ncrm: X\norders: " + form
                    + "\nfields: { Id: { from: .id, owner: shopify } }\n");
            write("crm/order-" + form + ".test.yaml", "tests: []\n");
        }
        mapping("fields: { Id: { from: .id, owner: shopify } }");
        Mappings mappings = Mappings.load(root);

        assertThat(mappings.of("crm")).extracting(Mapping::orders).containsExactly(null, "deal", "object");
        assertThat(mappings.find("crm", "order").orElseThrow().orders()).isEqualTo("object");

        write("crm/order-object.yaml", "shopify: order\ncrm: X\norders: dael\nfields: {}\n");
        assertThatThrownBy(() -> Mappings.load(root)).hasMessageContaining("crm/order-object.yaml:3 orders: \"dael\" is"
                + " not a form of orders; did you mean \"deal\"? legal: object, deal, activity, task, custom");
        write("crm/order-object.yaml", "shopify: order\ncrm: X\norders: deal\nfields: {}\n");
        assertThatThrownBy(() -> Mappings.load(root)).hasMessageContaining("order is mapped twice in this folder");
    }

    @Test
    void amountsSayWhichMoneyTheyAre() throws IOException {
        Mapping mapping = mapping("""
                fields:
                  Shop: { from: .total, clean: [money shop, decimal], owner: shopify }
                  Buyer: { from: .total, clean: [money presentment, decimal], owner: shopify }
                  Currency: { from: .total, clean: currency presentment, owner: shopify }
                """);
        JsonNode ours = json("{'total':{'shop':{'amount':'10.0','currency':'CAD'},"
                + "'presentment':{'amount':7,'currency':'USD'}}}");
        JsonNode shopifys = json("{'total':{'shop_money':{'amount':'10.0','currency_code':'CAD'},"
                + "'presentment_money':{'amount':'7','currency_code':'USD'}}}");

        for (JsonNode record : List.of(ours, shopifys)) {
            assertThat(mapping.map(record, MAIN).fields()).containsEntry("Shop", json("'10.0'"))
                    .containsEntry("Buyer", json("'7'")).containsEntry("Currency", json("'USD'"));
        }
        assertThat(mapping.map(json("{'total':null}"), MAIN).fields()).containsEntry("Shop", json("null"));
        assertThat(mapping.map(json("{'total':'10.00'}"), MAIN).mended()).hasSize(3).map(Mended::toString)
                .contains("without Shop: is an amount without its currency; map the field that ends in _set");
    }

    private static boolean same(Mapping mapping, String field, String a, String b) {
        return mapping.fields().stream().filter(f -> f.name().equals(field)).findFirst().orElseThrow()
                .sameValue(json(a), json(b));
    }

    private Mapping mapping(String rest) throws IOException {
        write("crm/customer-to-contact.yaml", "shopify: customer\ncrm: Contact\n" + rest);
        return Mappings.load(root).find("crm", "customer").orElseThrow();
    }

    @Test
    void theFirstRuleThatFitsGivesTheValue() throws IOException {
        write("rules/owner.yaml", """
                - { when: .country == "CA", give: '"50123"' }
                - { when: (.employees // 0) > 100, give: .settings.big }
                """);
        Mapping mapping = mapping("fields: { Owner: { rules: owner, owner: shopify-once } }");
        for (String[] one : new String[][] {{"{'country': 'CA', 'employees': 500}", "\"50123\""},
            {"{'employees': 500, 'settings': {'big': '50124'}}", "\"50124\""}, {"{'country': 'US'}", "null"}}) {
            assertThat(mapping.fields().get(0).rule().from().one(Values.parse(one[0].replace('\'', '"'))).toString())
                    .isEqualTo(one[1]);
        }
        assertThat(faultsOf("shopify: customer\ncrm: Contact\nfields: { Owner: { rules: onwer, owner: shopify-once } }\n"))
                .contains("fields.Owner.rules: there is no rules/onwer.yaml; did you mean \"owner\"?");
        write("rules/owner.yaml", "- { when: .country ==, give: '1' }\n- { when: 'true' }\n");
        assertThat(faultsOf("shopify: customer\ncrm: Contact\nfields: { Owner: { rules: owner, owner: shopify-once } }\n"))
                .contains("rules/owner.yaml:1 [0].when: ", "rules/owner.yaml:2 [1]: the key give is missing");
    }

    private String faultsOf(String mapping) throws IOException {
        write("crm/customer-to-contact.yaml", mapping);
        return catchThrowableOfType(InvalidMappings.class, () -> Mappings.load(root)).getMessage();
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), text);
    }
}
