package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made from a record itself: attributes by name, where it came from, and what it amounts to. */
class DerivedTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private final ObjectMapper json = new ObjectMapper();

    /** The samples are what mappings are written and tested against, so they must be what the mirror gives. */
    @ParameterizedTest
    @CsvSource({"order, order", "returned-order, order", "checkout, checkout", "draft_order, draft_order"})
    void theSampleIsWhatTheMirrorMakesOfIt(String name, String entity) throws IOException {
        JsonNode sample = json.readTree(new File("mappings/samples/" + name + ".json"));
        ObjectNode derived = sample.deepCopy();
        List.of("attributes", "attribution", "totals").forEach(derived::remove);

        Derived.add(SHOPIFY.entity(entity), derived, true, MoneyView.nameCurrencies(derived, entity));

        for (String field : List.of("attributes", "attribution", "totals", "line_items", "refunds")) {
            assertThat(derived.get(field)).as(field).isEqualTo(sample.get(field));
        }
    }

    @Test
    void attributesAreReachedByNameWhateverShapeTheyCameIn() {
        assertThat(attributes("{\"note_attributes\": [{\"name\": \"gift message\", \"value\": \"Hi\"},"
                + " {\"name\": \"gift message\", \"value\": \"Hello\"}, {\"value\": \"no name\"}, null]}"))
                .isEqualTo(node("{\"gift message\": \"Hello\"}"));
        assertThat(attributes("{\"properties\": {\"text\": \"A.L.\", \"deep\": [1]}}"))
                .isEqualTo(node("{\"text\": \"A.L.\", \"deep\": [1]}"));
        for (String nothing : List.of("null", "\"\"", "[]")) {
            assertThat(attributes("{\"customAttributes\": [{\"key\": \"a\", \"value\": " + nothing + "}],"
                    + " \"properties\": {\"b\": " + nothing + "}, \"note_attributes\": [{\"name\": \"c\", \"value\":"
                    + " \"x\"}, {\"name\": \"c\", \"value\": " + nothing + "}]}")).as(nothing).isEmpty();
        }
        for (String none : List.of("{\"properties\": {}}", "{\"properties\": null}", "{\"properties\": []}", "{}")) {
            assertThat(attributes(none)).isEmpty();
        }
    }

    /** CRMs that take the name get it where an app gave the code alone, and the other way round. */
    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"-, NO, Norway, NO", "Norway, -, Norway, NO", "'', XK, Kosovo, XK",
        "Deutschland, DE, Deutschland, DE", "-, ZZ, -, ZZ", "Atlantis, -, Atlantis, -", "-, -, -, -"})
    void theCountryOfAnAddressHasItsNameAndItsCode(String name, String code, String expectedName, String expectedCode) {
        for (String entity : List.of(RecordKey.ORDER, RecordKey.CUSTOMER, "company")) {
            ObjectNode record = (ObjectNode) node("{}");
            ObjectNode address = entity.equals("company") ? record.putArray("locations").addObject()
                    .putObject("billing_address") : record.putObject(entity.equals(RecordKey.ORDER) ? "shipping_address"
                            : "default_address");
            address.put("country", name).put("country_code", code);

            Derived.add(SHOPIFY.entity(entity), record, false, true);

            assertThat(address.path("country").asText(null)).as(entity).isEqualTo(expectedName);
            assertThat(address.path("country_code").asText(null)).as(entity).isEqualTo(expectedCode);
        }
    }

    @Test
    void metafieldsAreReachedByNamespaceAndKeyInWebhooksAndGraphQl() {
        String metafield = "{\"namespace\": \"custom\", \"key\": \"size\", \"value\": \"M\"}";
        JsonNode expected = node("{\"custom\": {\"size\": \"M\"}}");
        assertThat(NamedValues.metafields(node("[" + metafield + "]"))).isEqualTo(expected);
        assertThat(NamedValues.metafields(node("{\"nodes\": [" + metafield + "]}"))).isEqualTo(expected);
        assertThat(NamedValues.metafields(node("{\"edges\": [{\"node\": " + metafield + "}]}"))).isEqualTo(expected);
        assertThat(NamedValues.metafields(node("null"))).isEmpty();
        assertThat(NamedValues.metafields(node("[{\"namespace\": \"custom\", \"key\": \"size\", \"value\": null},"
                + " {\"namespace\": \"custom\", \"key\": \"fit\"}]"))).isEqualTo(node("{\"custom\": {}}"));
    }

    @Test
    void utmParametersComeFromTheLandingSiteOrElseFromNoteAttributes() {
        JsonNode fromSite = derived("{\"landing_site\": \"/?UTM_Source=a%20b&utm_medium=&x&utm_campaign=%zz#end\"}");
        assertThat(fromSite.at("/attribution/utm/source").asText()).isEqualTo("a b");
        assertThat(fromSite.at("/attribution/utm/medium").isNull()).isTrue();
        assertThat(fromSite.at("/attribution/utm/campaign").asText()).isEqualTo("%zz");
        assertThat(derived("{\"note_attributes\": [{\"name\": \"utm_source\", \"value\": \"ad\"}]}")
                .at("/attribution/utm/source").asText()).isEqualTo("ad");
        assertThat(derived("{\"referring_site\": \"https://www.example.com/path?a=[1]|b\"}").at("/attribution/referring_host")
                .asText()).as("browsers send what is not valid").isEqualTo("www.example.com");
        assertThat(derived("{\"referring_site\": \"https://me@b\u00fccher.example:8443/\"}").at("/attribution/referring_host")
                .asText()).isEqualTo("b\u00fccher.example");
        assertThat(derived("{\"referring_site\": \"not a site\"}").at("/attribution/referring_host").isNull()).isTrue();
    }

    /** How much of it a CRM takes is the mapping's business, which says that it was cut. */
    @Test
    void aLongUtmParameterIsWhole() {
        String campaign = "\ud83c\udf3f".repeat(200);
        assertThat(derived("{\"landing_site\": \"/?utm_campaign=" + campaign + "\"}").at("/attribution/utm/campaign")
                .asText()).isEqualTo(campaign);
    }

    @Test
    void aBareAmountIsShopMoneyAndNeverWhatTheBuyerSaw() {
        JsonNode totals = derived("{\"currency\": \"CAD\", \"presentment_currency\": \"USD\", \"total_price\": \"10.00\"}")
                .path("totals");
        assertThat(totals.at("/original/shop/amount").asText()).isEqualTo("10.00");
        assertThat(totals.at("/original/presentment/amount").isNull()).isTrue();
    }

    @Test
    void netFollowsAnEditThatNothingWasPaidBackFor() {
        JsonNode totals = derived("{\"currency\": \"CAD\", \"total_price\": \"10.00\","
                + " \"current_total_price\": \"6.00\"}").path("totals");
        assertThat(totals.at("/original/shop/amount").asText()).isEqualTo("10.00");
        assertThat(totals.at("/refunded/shop/amount").asText()).isEqualTo("0.00");
        assertThat(totals.at("/net/shop/amount").asText()).isEqualTo("6.00");
    }

    private JsonNode derived(String order) {
        ObjectNode record = (ObjectNode) node(order);
        Derived.add(SHOPIFY.entity(RecordKey.ORDER), record, true, true);
        return record;
    }

    private JsonNode attributes(String holder) {
        return NamedValues.attributes(node(holder));
    }

    private JsonNode node(String text) {
        try {
            return json.readTree(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
