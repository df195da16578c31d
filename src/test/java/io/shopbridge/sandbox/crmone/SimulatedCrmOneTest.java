package io.shopbridge.sandbox.crmone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.sandbox.server.Http;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimulatedCrmOneTest {

    private SimulatedCrmOne crm;
    private Http http;

    @BeforeEach
    void start() {
        restart(Options.defaults().withSpeed(10_000));
    }

    @AfterEach
    void stop() {
        crm.close();
    }

    @Test
    void bulkJudgesEveryItemAloneAndAnswersInOrder() throws IOException {
        JsonNode results = bulk("contacts", "{'fields':{'external_id':'main:1','email':'Ada@example.com'}},"
                + "{'fields':{'email':'ada@EXAMPLE.com'}},"
                + "{'fields':{'shoe_size':'5'}},"
                + "{'fields':{'email':'nonsense'}},"
                + "{'fields':{'email_consent':'maybe'}},"
                + "{'fields':{'account_manager':'x'}},"
                + "{'fields':{'tax_exempt':'true'}},"
                + "{'fields':{'first_name':'" + "a".repeat(81) + "'}},"
                + "{'id':'c_999','fields':{}},"
                + "{'fields':{'external_id':'main:1','email':'Ada@example.com'}},"
                + "{'fields':{'external_id':'main:1','city':'Rome'}}");
        assertThat(results).hasSize(11);
        assertThat(results.at("/0/status").asText()).isEqualTo("created");
        assertThat(code(results, 1)).isEqualTo("duplicate");
        assertThat(results.at("/1/error/existing_id")).isEqualTo(results.at("/0/id"));
        assertThat(code(results, 2)).isEqualTo("unknown_field");
        assertThat(code(results, 3)).isEqualTo("wrong_type");
        assertThat(code(results, 4)).isEqualTo("bad_choice");
        assertThat(code(results, 5)).isEqualTo("read_only");
        assertThat(code(results, 6)).isEqualTo("wrong_type");
        assertThat(code(results, 7)).isEqualTo("too_long");
        assertThat(code(results, 8)).isEqualTo("not_found");
        assertThat(results.at("/9/status").asText()).isEqualTo("unchanged");
        assertThat(results.at("/10/status").asText()).isEqualTo("updated");
        assertThat(crm.records("contacts")).hasSize(1);
    }

    @Test
    void ordersNeedNoContactButOneThatIsThereAndWholeLines() throws IOException {
        String contact = bulk("contacts", "{'fields':{'email':'ada@example.com'}}").at("/0/id").asText();
        String order = "'external_id':'main:9','number':'#1','currency':'EUR','total':'10.00'";
        JsonNode results = bulk("orders", "{'fields':{" + order.replace("main:9", "main:7") + "}},"
                + "{'fields':{" + order + ",'contact_id':'c_77'}},"
                + "{'fields':{" + order + ",'contact_id':'" + contact + "','lines':[{'external_id':'1'}]}},"
                + "{'fields':{" + order + ",'contact_id':'" + contact + "','lines':[" + line(1) + "," + line(1)
                + "]}},"
                + "{'fields':{'external_id':'main:8','total':10}},"
                + "{'fields':{'external_id':'main:9','contact_id':'" + contact + "'}}");
        assertThat(results.at("/0/status").asText()).isEqualTo("created");
        assertThat(code(results, 1)).isEqualTo("unknown_contact");
        assertThat(results.at("/2/error/field").asText()).isEqualTo("lines[0].name");
        assertThat(code(results, 3)).isEqualTo("duplicate");
        assertThat(code(results, 4)).isEqualTo("wrong_type");
        assertThat(results.at("/5/error/field").asText()).isEqualTo("number");
        results = bulk("orders", "{'fields':{" + order + ",'contact_id':'" + contact + "','lines':[" + line(1)
                + "]}},{'fields':{'external_id':'main:9','lines':[" + line(2) + "],'source':null}}");
        assertThat(results.at("/1/status").asText()).isEqualTo("updated");
        assertThat(crm.records("orders").get(1).at("/fields/lines/0/external_id").asText()).isEqualTo("2");
    }

    @Test
    void phonesAreFoundByTheirLastDigitsOnlyAndEmailsInAnyCase() throws IOException {
        bulk("contacts", "{'fields':{'email':'Ada@example.com','phone':'+39 06 5550123'}},"
                + "{'fields':{'phone':'+1 212 555-0123'}}");
        assertThat(lookup("phone", "+44 20 5550123").get("items")).hasSize(2);
        assertThat(lookup("email", "ADA@EXAMPLE.COM").at("/items/0/fields/email").asText())
                .isEqualTo("Ada@example.com");
        assertThat(lookup("id", "c_1").get("items")).hasSize(1);
        assertThat(lookup("shoe_size", "5").at("/error/code").asText()).isEqualTo("unknown_field");
    }

    @Test
    void malformedBodiesAndUnknownSendersAreRefused() throws IOException {
        assertThat(http.send("PUT", "/v1/contacts/bulk", "{'items'").body().at("/error/code").asText())
                .isEqualTo("bad_request");
        String many = "{'fields':{}},".repeat(200) + "{'fields':{}}";
        assertThat(http.send("PUT", "/v1/contacts/bulk", "{'items':[" + many + "]}").status()).isEqualTo(400);
        assertThat(new Http(crm.baseUrl(), "wrong").get("/v1/contacts").body().at("/error/code").asText())
                .isEqualTo("unauthorized");
        assertThat(http.get("/v1/dogs").status()).isEqualTo(404);
    }

    @Test
    void aRepeatedKeyGetsTheRecordedAnswer() throws IOException {
        String body = "{'items':[{'fields':{'first_name':'Ada'}}]}";
        JsonNode first = http.send("PUT", "/v1/contacts/bulk", body, "Idempotency-Key", "k1").body();
        assertThat(http.send("PUT", "/v1/contacts/bulk", body, "Idempotency-Key", "k1").body()).isEqualTo(first);
        assertThat(crm.records("contacts")).hasSize(1);
        http.send("PUT", "/v1/contacts/bulk", body, "Idempotency-Key", "k2");
        assertThat(crm.records("contacts")).hasSize(2);
    }

    @Test
    void aRepeatAfterALostAnswerIsAnsweredFromTheRecord() throws IOException {
        String body = "{'items':[{'fields':{'first_name':'Ada'}}]}";
        crm.faults().loseAnswers(1);
        assertThatThrownBy(() -> http.send("PUT", "/v1/contacts/bulk", body, "Idempotency-Key", "k1"))
                .isInstanceOf(IOException.class);
        assertThat(http.send("PUT", "/v1/contacts/bulk", body, "Idempotency-Key", "k1").status()).isEqualTo(200);
        assertThat(crm.records("contacts")).hasSize(1);
    }

    @Test
    void changesArePagedOldestFirst() throws IOException {
        bulk("contacts", "{'fields':{'city':'A'}},{'fields':{'city':'B'}},{'fields':{'city':'C'}}");
        JsonNode first = http.get("/v1/contacts?limit=2&updated_since=2020-01-01T00:00:00Z").body();
        assertThat(first.get("items")).hasSize(2);
        JsonNode second = http.get("/v1/contacts?limit=2&cursor=" + first.get("next_cursor").asText()).body();
        assertThat(second.at("/items/0/fields/city").asText()).isEqualTo("C");
        assertThat(second.get("next_cursor").isNull()).isTrue();
        String last = second.at("/items/0/updated_at").asText();
        assertThat(http.get("/v1/contacts?updated_since=" + last).body().get("items")).isNotEmpty();
        assertThat(http.get("/v1/contacts?updated_since=today").status()).isEqualTo(400);
    }

    @Test
    void recordsCanBeReadAndDeleted() throws IOException {
        bulk("contacts", "{'fields':{'city':'A'}}");
        assertThat(http.get("/v1/contacts/c_1").body().at("/fields/city").asText()).isEqualTo("A");
        assertThat(http.send("DELETE", "/v1/contacts/c_1", null).status()).isEqualTo(204);
        assertThat(http.get("/v1/contacts/c_1").status()).isEqualTo(404);
        assertThat(crm.calls()).containsEntry("GET /v1/contacts/{id}", 2L);
    }

    @Test
    void tooManyRequestsMustWait() throws IOException {
        restart(Options.defaults().withRequestsPerPeriod(1));
        http.get("/v1/contacts");
        Http.Reply reply = http.get("/v1/contacts");
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void aTakenPortGetsAClearMessage() {
        assertThatThrownBy(() -> SimulatedCrmOne.start(crm.port(), Options.defaults()))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("port " + crm.port())
                .hasMessageContaining("shopbridge.sandbox.crm-one.port");
    }

    @Test
    void aHangingCallOutlivesItsClientsPatienceYetIsApplied() throws IOException {
        crm.faults().hang(Duration.ofSeconds(30), 1);
        assertThatThrownBy(() -> http.impatient(Duration.ofMillis(150)).send("PUT", "/v1/contacts/bulk",
                "{'items':[{'fields':{'first_name':'Ada'}}]}")).isInstanceOf(IOException.class);
        assertThat(crm.records("contacts")).hasSize(1);
        assertThat(http.get("/v1/contacts").status()).isEqualTo(200);
    }

    @Test
    void onlyTheNamedPathFails() throws IOException {
        http.post("/sandbox/faults", "{'answer':{'status':500,'times':5,'path':'/bulk'}}");
        assertThat(http.get("/v1/contacts").status()).isEqualTo(200);
        assertThat(http.send("PUT", "/v1/contacts/bulk", "{'items':[{'fields':{}}]}").status()).isEqualTo(500);
        assertThat(crm.records("contacts")).isEmpty();
    }

    private JsonNode bulk(String object, String items) throws IOException {
        return http.send("PUT", "/v1/" + object + "/bulk", "{'items':[" + items + "]}").body().get("results");
    }

    private JsonNode lookup(String field, String value) throws IOException {
        return http.post("/v1/contacts/lookup", "{'field':'" + field + "','values':['" + value + "']}").body();
    }

    private static String code(JsonNode results, int index) {
        return results.get(index).at("/error/code").asText();
    }

    private static String line(int id) {
        return "{'external_id':'" + id + "','name':'Cup','quantity':1,'unit_price':'10.00'}";
    }

    private void restart(Options options) {
        if (crm != null) {
            crm.close();
        }
        crm = SimulatedCrmOne.start(0, options);
        http = new Http(crm.baseUrl(), Options.DEFAULT_TOKEN);
    }
}
