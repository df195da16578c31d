package io.shopbridge.sandbox.hubspot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Http;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedHubSpotTest {

    private static final String CONTACTS = "/crm/objects/2026-09/contacts";
    /** The limits are on, and pass too fast to be met. */
    private static final Options FREE = Options.defaults().withSpeed(10_000).withSearchLag(Duration.ZERO);

    private SimulatedHubSpot hubSpot;
    private Http http;

    @BeforeEach
    void start() {
        restart(FREE);
    }

    @AfterEach
    void stop() {
        hubSpot.close();
    }

    @Test
    void aWrongTokenIsRefused() throws IOException {
        Http.Reply reply = new Http(hubSpot.baseUrl(), "wrong").get(CONTACTS);
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.body().get("category").asText()).isEqualTo("INVALID_AUTHENTICATION");
    }

    @Test
    void upsertCreatesThenUpdatesAndSaysWhich() throws IOException {
        JsonNode first = upsert("main:1", "'email':'Ada@Example.com','firstname':'Ada'").body().at("/results/0");
        assertThat(first.get("new").asBoolean()).isTrue();
        assertThat(first.at("/properties/email").asText()).isEqualTo("ada@example.com");
        assertThat(first.at("/properties/shopify_customer_key").asText()).isEqualTo("main:1");
        assertThat(first.get("objectWriteTraceId").asText()).isEqualTo("t-main:1");
        JsonNode second = upsert("main:1", "'firstname':''").body().at("/results/0");
        assertThat(second.get("new").asBoolean()).isFalse();
        assertThat(second.get("id")).isEqualTo(first.get("id"));
        assertThat(hubSpot.records("contacts").get(0).get("properties").has("firstname")).isFalse();
    }

    @Test
    void upsertByEmailIsRefused() throws IOException {
        Http.Reply reply = http.post(CONTACTS + "/batch/upsert",
                "{'inputs':[{'id':'a@example.com','idProperty':'email','properties':{}}]}");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body().get("message").asText()).contains("non-unique");
    }

    @Test
    void oneBadRowFailsTheWholeBatchAndEveryProblemIsListedInsideTheMessage() throws IOException {
        Http.Reply reply = http.post(CONTACTS + "/batch/create", "{'inputs':["
                + "{'associations':[],'properties':{'email':'good@example.com'}},"
                + "{'associations':[],'properties':{'email':'bad','shopify_tax_exempt':'yes','nonsense':'1',"
                + "'lifecyclestage':'friend','createdate':'2026-01-01T00:00:00Z'}}]}");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body().get("category").asText()).isEqualTo("VALIDATION_ERROR");
        String message = reply.body().get("message").asText();
        assertThat(message).startsWith("Property values were not valid: [{\"isValid\":false,");
        JsonNode problems = Json.MAPPER.readTree(message.substring(message.indexOf('[')));
        assertThat(StreamSupport.stream(problems.spliterator(), false).map(one -> one.get("error").asText()))
                .containsExactly("INVALID_EMAIL", "INVALID_OPTION", "PROPERTY_DOESNT_EXIST", "INVALID_OPTION",
                        "READ_ONLY_VALUE");
        assertThat(hubSpot.records("contacts")).isEmpty();
    }

    @Test
    void numbersAndTimesAreChecked() throws IOException {
        Http.Reply reply = http.post("/crm/objects/2026-09/orders", "{'associations':[],'properties':"
                + "{'hs_total_price':'ten','hs_external_created_date':'yesterday'}}");
        assertThat(reply.body().get("message").asText()).contains("INVALID_DECIMAL").contains("INVALID_DATE");
        reply = http.post("/crm/objects/2026-09/orders", "{'associations':[],'properties':"
                + "{'hs_total_price':'10.00','hs_external_created_date':'2026-01-01T01:00:00+01:00'}}");
        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.body().at("/properties/hs_external_created_date").asText())
                .isEqualTo("2026-01-01T00:00:00Z");
    }

    @Test
    void valuesMustBeStringsAndRequiredMembersPresent() throws IOException {
        assertThat(create("'email':5").status()).isEqualTo(400);
        assertThat(http.post(CONTACTS + "/batch/create", "{'inputs':[{'properties':{}}]}").body().get("message")
                .asText()).contains("associations");
        assertThat(http.post(CONTACTS + "/batch/read", "{'inputs':[{'id':'1'}],'properties':[]}").body()
                .get("message").asText()).contains("propertiesWithHistory");
        assertThat(http.post(CONTACTS + "/search", "{'filterGroups':[]}").status()).isEqualTo(400);
        assertThat(http.post(CONTACTS, "{'associations'").status()).isEqualTo(400);
    }

    @Test
    void aTakenEmailIsAConflictThatNamesTheOwner() throws IOException {
        String id = create("'email':'ada@example.com'").body().get("id").asText();
        Http.Reply reply = create("'email':'ADA@example.com'");
        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.body().get("message").asText()).isEqualTo("Contact already exists. Existing ID: " + id);
        assertThat(reply.body().get("category").asText()).isEqualTo("CONFLICT");
        Http.Reply batch = http.post(CONTACTS + "/batch/upsert", "{'inputs':["
                + "{'id':'main:7','idProperty':'shopify_customer_key','properties':{'email':'new@example.com'}},"
                + "{'id':'main:8','idProperty':'shopify_customer_key','properties':{'email':'ada@example.com'}}]}");
        assertThat(batch.status()).isEqualTo(409);
        assertThat(hubSpot.records("contacts")).hasSize(1);
    }

    @Test
    void readAndUpdateOfMissingIdsArePartial() throws IOException {
        String id = create("'email':'ada@example.com'").body().get("id").asText();
        Http.Reply read = http.post(CONTACTS + "/batch/read", "{'inputs':[{'id':'" + id + "'},{'id':'999'}],"
                + "'properties':['email','phone'],'propertiesWithHistory':[]}");
        assertThat(read.status()).isEqualTo(207);
        assertThat(read.body().get("results")).hasSize(1);
        assertThat(read.body().at("/results/0/properties/phone").isNull()).isTrue();
        assertThat(read.body().at("/errors/0/context/ids/0").asText()).isEqualTo("999");
        assertThat(read.body().at("/errors/0/category").asText()).isEqualTo("OBJECT_NOT_FOUND");
        Http.Reply update = http.post(CONTACTS + "/batch/update", "{'inputs':[{'id':'" + id
                + "','properties':{'city':'Rome'}},{'id':'998','properties':{}}]}");
        assertThat(update.status()).isEqualTo(207);
        assertThat(update.body().get("numErrors").asInt()).isEqualTo(1);
    }

    @Test
    void batchesAreLimitedAndDoubledIdsRefused() throws IOException {
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            inputs.add("{'id':'" + i + "'}");
        }
        assertThat(http.post(CONTACTS + "/batch/archive", "{'inputs':" + inputs + "}").status()).isEqualTo(400);
        assertThat(http.post(CONTACTS + "/batch/archive", "{'inputs':[{'id':'1'},{'id':'1'}]}").body()
                .get("message").asText()).contains("Duplicate");
        assertThat(http.post(CONTACTS + "/batch/archive", "{'inputs':[{'id':'1'}]}").status()).isEqualTo(204);
    }

    @Test
    void aLifecycleStageOnlyMovesForwardUnlessCleared() throws IOException {
        String id = create("'lifecyclestage':'customer'").body().get("id").asText();
        assertThat(patch(id, "'lifecyclestage':'lead'").at("/properties/lifecyclestage").asText())
                .isEqualTo("customer");
        patch(id, "'lifecyclestage':''");
        assertThat(patch(id, "'lifecyclestage':'lead'").at("/properties/lifecyclestage").asText()).isEqualTo("lead");
    }

    @Test
    void bothIdsOfMergedContactsLeadToTheNewRecord() throws IOException {
        String one = create("'email':'one@example.com'").body().get("id").asText();
        String two = create("'email':'two@example.com','phone':'1'").body().get("id").asText();
        String merged = hubSpot.mergeContacts(one, two);
        assertThat(merged).isNotIn(one, two);
        assertThat(http.get(CONTACTS + "/" + two + "?properties=email,phone").body().get("id").asText())
                .isEqualTo(merged);
        assertThat(patch(one, "'city':'Rome'").get("id").asText()).isEqualTo(merged);
        assertThat(http.get(CONTACTS + "/one@example.com?idProperty=email").status()).isEqualTo(200);
    }

    @Test
    void searchFiltersPagesAndLags() throws IOException {
        for (int i = 0; i < 5; i++) {
            create("'email':'p" + i + "@example.com','city':'" + (i < 3 ? "Rome" : "Oslo") + "'");
        }
        String filter = "'filterGroups':[{'filters':[{'propertyName':'city','operator':'EQ','value':'rome'},"
                + "{'propertyName':'createdate','operator':'GTE','value':'0'}]}]";
        JsonNode first = http.post(CONTACTS + "/search", "{" + filter
                + ",'limit':2,'after':'','properties':['email'],'sorts':[]}").body();
        assertThat(first.get("total").asInt()).isEqualTo(3);
        assertThat(first.get("results")).hasSize(2);
        JsonNode second = http.post(CONTACTS + "/search", "{" + filter + ",'limit':2,'after':'"
                + first.at("/paging/next/after").asText() + "','properties':['email'],'sorts':[]}").body();
        assertThat(second.get("results")).hasSize(1);
        assertThat(second.has("paging")).isFalse();
        restart(FREE.withSearchLag(Duration.ofHours(1)));
        create("'email':'fresh@example.com'");
        assertThat(http.post(CONTACTS + "/search", "{'filterGroups':[],'limit':2,'after':'','properties':[],"
                + "'sorts':[]}").body().get("total").asInt()).isZero();
    }

    @Test
    void associationsAreMadeReadAndArchived() throws IOException {
        String contact = create("'email':'ada@example.com'").body().get("id").asText();
        String order = http.post("/crm/objects/2026-09/orders", "{'properties':{'shopify_order_key':'main:1'},"
                + "'associations':[]}").body().get("id").asText();
        String pair = "/crm/associations/2026-09/orders/contacts/batch/";
        String ids = "{'inputs':[{'from':{'id':'" + order + "'},'to':{'id':'" + contact + "'}}]}";
        assertThat(http.post(pair + "associate/default", ids).body().at("/results")).hasSize(2);
        assertThat(http.post(pair + "read", "{'inputs':[{'id':'" + order + "'}]}").body()
                .at("/results/0/to/0/toObjectId").asText()).isEqualTo(contact);
        assertThat(http.post(pair + "archive", "{'inputs':[{'from':{'id':'" + order + "'},'to':[{'id':'" + contact
                + "'}]}]}").status()).isEqualTo(204);
        assertThat(http.post(pair + "read", "{'inputs':[{'id':'" + order + "'}]}").status()).isEqualTo(207);
        String single = "/crm/objects/2026-09/orders/" + order + "/associations/default/contacts/";
        assertThat(http.send("PUT", single + contact, null).status()).isEqualTo(200);
        assertThat(http.send("PUT", single + "4711", null).status()).isEqualTo(404);
        assertThat(hubSpot.records("orders").get(0).at("/associations/contacts/0").asText()).isEqualTo(contact);
        Http.Reply line = http.post("/crm/objects/2026-09/line_items", "{'properties':{'name':'Cup'},'associations':"
                + "[{'to':{'id':'" + order + "'},'types':[{'associationCategory':'HUBSPOT_DEFINED',"
                + "'associationTypeId':514}]}]}");
        assertThat(line.status()).isEqualTo(201);
        assertThat(hubSpot.records("orders").get(0).at("/associations/line_items")).hasSize(1);
    }

    @Test
    void aCompanyHasTheParentThatTheLabelSays() throws IOException {
        String child = company();
        String parent = company();
        assertThat(http.send("GET", "/crm/associations/2026-09/companies/companies/labels", null).body()
                .at("/results").findValuesAsText("label")).contains("Parent Company", "Child Company");
        String pair = "/crm/associations/2026-09/companies/companies/batch/";
        String one = "{'from':{'id':'" + child + "'},'to':{'id':'" + parent + "'}";
        assertThat(http.post(pair + "create", "{'inputs':[" + one + ",'types':[{'associationCategory':"
                + "'HUBSPOT_DEFINED','associationTypeId':279}]}]}").status()).isEqualTo(400);
        assertThat(http.post(pair + "create", "{'inputs':[" + one + ",'types':[{'associationCategory':"
                + "'HUBSPOT_DEFINED','associationTypeId':14}]}]}").status()).isBetween(200, 201);
        assertThat(hubSpot.parentCompany(child)).isEqualTo(parent);
        assertThat(hubSpot.parentCompany(parent)).isNull();
        http.post(pair + "archive", "{'inputs':[{'from':{'id':'" + child + "'},'to':[{'id':'" + parent + "'}]}]}");
        assertThat(hubSpot.parentCompany(child)).isNull();
    }

    private String company() throws IOException {
        return http.post("/crm/objects/2026-09/companies", "{'properties':{'name':'Looms'},'associations':[]}").body()
                .get("id").asText();
    }

    @Test
    void gdprDeletionRemovesTheContact() throws IOException {
        create("'email':'ada@example.com'");
        assertThat(http.post(CONTACTS + "/gdpr-delete", "{'objectId':'ada@example.com','idProperty':'email'}")
                .status()).isEqualTo(204);
        assertThat(hubSpot.records("contacts")).isEmpty();
    }

    @Test
    void tooManyRequestsAreRefusedWithThePolicy() throws IOException {
        restart(Options.defaults().withRequestsPerPeriod(2));
        assertThat(http.get(CONTACTS).header("X-HubSpot-RateLimit-Remaining")).isEqualTo("1");
        http.get(CONTACTS);
        Http.Reply reply = http.get(CONTACTS);
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.body().get("policyName").asText()).isEqualTo("TEN_SECONDLY_ROLLING");
        assertThat(reply.body().get("errorType").asText()).isEqualTo("RATE_LIMIT");
    }

    @Test
    void faultsAreSetOverHttpAndTakenBack() throws IOException {
        http.post("/sandbox/faults", "{'answer':{'status':503,'retry-after':2,'times':1}}");
        Http.Reply reply = http.get(CONTACTS);
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("Retry-After")).isEqualTo("2");
        assertThat(http.get(CONTACTS).status()).isEqualTo(200);
        http.post("/sandbox/faults", "{'answer':{'status':503,'times':9}}");
        assertThat(http.send("DELETE", "/sandbox/faults", null).status()).isEqualTo(204);
        assertThat(http.get(CONTACTS).status()).isEqualTo(200);
        assertThat(hubSpot.calls()).containsEntry("GET " + CONTACTS, 3L);
        assertThat(http.get("/sandbox/calls").body().get("GET " + CONTACTS).asInt()).isEqualTo(3);
    }

    @Test
    void aLostAnswerLeavesTheWriteApplied() throws IOException {
        hubSpot.faults().loseAnswers(1);
        assertThatThrownBy(() -> create("'email':'ada@example.com'")).isInstanceOf(IOException.class);
        assertThat(hubSpot.records("contacts")).hasSize(1);
        assertThat(http.get("/sandbox/records/contacts").body()).hasSize(1);
        assertThat(create("'email':'ada@example.com'").status()).isEqualTo(409);
    }

    @Test
    void latencyDoesNotLimitConcurrency() {
        hubSpot.faults().latency(Duration.ofMillis(200));
        long start = System.nanoTime();
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return http.get(CONTACTS).status();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }, task -> new Thread(task).start()));
        }
        assertThat(all.stream().map(CompletableFuture::join)).containsOnly(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void theJournalBringsRecordsBack(@TempDir Path dir) throws IOException {
        restart(FREE.withJournal(dir.resolve("hubspot.jsonl")));
        String kept = create("'email':'ada@example.com'").body().get("id").asText();
        String gone = create("'email':'bob@example.com'").body().get("id").asText();
        String order = http.post("/crm/objects/2026-09/orders", "{'properties':{},'associations':[]}").body()
                .get("id").asText();
        http.send("PUT", "/crm/objects/2026-09/orders/" + order + "/associations/default/contacts/" + kept, null);
        patch(kept, "'city':'Rome'");
        http.send("DELETE", CONTACTS + "/" + gone, null);
        List<ObjectNode> before = hubSpot.records("contacts");
        Files.writeString(dir.resolve("hubspot.jsonl"), "{\"object\":\"conta",
                StandardOpenOption.APPEND);
        restart(FREE.withJournal(dir.resolve("hubspot.jsonl")));
        assertThat(hubSpot.records("contacts")).isEqualTo(before).hasSize(1);
        assertThat(hubSpot.records("orders").get(0).at("/associations/contacts/0").asText()).isEqualTo(kept);
        assertThat(create("'email':'ada@example.com'").status()).isEqualTo(409);
        assertThat(Long.parseLong(create("'email':'c@example.com'").body().get("id").asText()))
                .isGreaterThan(Long.parseLong(order));
    }

    @Test
    void aPropertyCanBeAdded() throws IOException {
        assertThat(create("'loyalty_points':'5'").status()).isEqualTo(400);
        hubSpot.defineProperty("contacts", "loyalty_points", "integer");
        assertThat(create("'loyalty_points':'5.5'").status()).isEqualTo(400);
        assertThat(create("'loyalty_points':'5'").status()).isEqualTo(201);
    }

    @Test
    void aDateIsAMidnightInUtc() throws IOException {
        hubSpot.defineProperty("contacts", "since", "date");
        assertThat(create("'since':'2026-01-05T10:00:00Z'").body().path("message").asText())
                .contains("INVALID_DATE", "is at 2026-01-05T10:00:00Z, not midnight!");
        assertThat(create("'since':'2026-01-05T00:00:00+01:00'").status()).isEqualTo(400);
        for (String midnight : List.of("2026-01-05", "2026-01-05T00:00:00Z", "1767571200000")) {
            assertThat(create("'since':'" + midnight + "'").body().at("/properties/since").asText())
                    .isEqualTo("2026-01-05");
        }
        assertThat(create("'since':'2026-13-05'").status()).isEqualTo(400);
    }

    @Test
    void ownersAndPipelinesMustBeTheAccounts() throws IOException {
        assertThat(create("'hubspot_owner_id':'4711'").body().path("message").asText()).contains("INVALID_OWNER_ID");
        hubSpot.useOwners("4711");
        assertThat(create("'hubspot_owner_id':'4711'").status()).isEqualTo(201);
        assertThat(http.post("/crm/objects/2026-09/deals", "{'associations':[],'properties':{'pipeline':'2'}}").status())
                .isEqualTo(400);
    }

    /** See https://developers.hubspot.com/docs/api-reference/search/guide. */
    @Test
    void textsOfInMustBeInLowerCaseAndOptionsInTheirOwn() throws IOException {
        create("'city':'Rome','lifecyclestage':'lead'");
        assertThat(found("city", "rome")).isOne();
        assertThat(found("city", "Rome")).isZero();
        assertThat(found("lifecyclestage", "lead")).isOne();
        assertThat(found("lifecyclestage", "Lead")).isZero();
    }

    private int found(String property, String value) throws IOException {
        return http.post(CONTACTS + "/search", "{'filterGroups':[{'filters':[{'propertyName':'" + property
                + "','operator':'IN','values':['" + value + "']}]}],'limit':2,'after':'','properties':[],'sorts':[]}")
                .body().path("total").asInt();
    }

    private Http.Reply create(String properties) throws IOException {
        return http.post(CONTACTS, "{'associations':[],'properties':{" + properties + "}}");
    }

    private JsonNode patch(String id, String properties) throws IOException {
        return http.send("PATCH", CONTACTS + "/" + id, "{'properties':{" + properties + "}}").body();
    }

    private Http.Reply upsert(String key, String properties) throws IOException {
        return http.post(CONTACTS + "/batch/upsert", "{'inputs':[{'idProperty':'shopify_customer_key','id':'" + key
                + "','objectWriteTraceId':'t-" + key + "','properties':{" + properties + "}}]}");
    }

    private void restart(Options options) {
        if (hubSpot != null) {
            hubSpot.close();
        }
        hubSpot = SimulatedHubSpot.start(0, options);
        hubSpot.defineKey("contacts", "shopify_customer_key");
        hubSpot.defineKey("orders", "shopify_order_key");
        hubSpot.defineProperty("contacts", "shopify_tax_exempt", "bool");
        http = new Http(hubSpot.baseUrl(), Options.DEFAULT_TOKEN);
    }
}
