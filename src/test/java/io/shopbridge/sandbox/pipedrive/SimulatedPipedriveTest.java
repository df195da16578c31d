package io.shopbridge.sandbox.pipedrive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.shopbridge.sandbox.server.Http;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedPipedriveTest {

    private static final String V2 = "/api/v2";
    /** The limits are on, and pass too fast to be met. */
    private static final Options FREE = Options.defaults().withSpeed(10_000).withSearchLag(Duration.ZERO);

    private SimulatedPipedrive pipedrive;
    private Http http;
    private String key;

    @BeforeEach
    void start() {
        restart(FREE, Company.defaults());
    }

    @AfterEach
    void stop() {
        pipedrive.close();
    }

    @Test
    void unknownClientsAreRefusedAndBothKindsOfTokenAccepted() throws Exception {
        Http.Reply reply = new Http(pipedrive.baseUrl(), "wrong").get(V2 + "/persons");
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.body().get("success").asBoolean(true)).isFalse();
        assertThat(new Http(pipedrive.baseUrl(), "wrong").send("GET", V2 + "/persons", null, "x-api-token",
                Options.DEFAULT_TOKEN).status()).isEqualTo(200);
        JsonNode session = oauth(Options.DEFAULT_TOKEN);
        Http oauth = new Http(pipedrive.baseUrl(), session.get("access_token").asText());
        assertThat(oauth.get(V2 + "/persons").status()).isEqualTo(200);
        http.send("DELETE", "/sandbox/sessions", null);
        assertThat(oauth.get(V2 + "/persons").status()).isEqualTo(401);
        assertThat(oauth("wrong").get("error").asText()).isEqualTo("invalid_client");
    }

    @Test
    void bodiesAreTakenStrictlyAsDescribed() throws IOException {
        assertThat(refusal("persons", "{'emails':[]}")).contains("name: is required");
        assertThat(refusal("persons", "{'name':'Ada','email':'a@example.com'}")).contains("email should not exist");
        assertThat(refusal("persons", "{'name':'Ada','first_name':'Ada'}")).contains("should not exist");
        assertThat(refusal("persons", "{'name':5}")).contains("must be of type string");
        assertThat(refusal("persons", "{'name':'Ada','org_id':'1'}")).contains("must be of type integer");
        assertThat(refusal("persons", "{'name':'Ada','org_id':77}")).contains("was not found");
        assertThat(refusal("persons", "{'name':'Ada','emails':['a@example.com']}")).contains("emails: must be a list");
        assertThat(refusal("persons", "{'name':'Ada','phones':null}")).contains("must not be null");
        assertThat(refusal("organizations", "{'name':'Looms','address':null}")).contains("must not be null");
        assertThat(refusal("products", "{'name':'Mug','code':null}")).contains("must not be null");
        assertThat(refusal("persons", "{'name':'Ada','job_title':'Boss'}")).contains("should not exist");
        assertThat(refusal("persons", "{'name':'Ada','add_time':'2026-01-01T00:00:00.123Z'}"))
                .contains("not a valid datetime");
        assertThat(refusal("persons", "{'name':'Ada','custom_fields':{'shopify':'1'}}"))
                .contains("custom_fields: Unknown key 'shopify'");
        assertThat(refusal("persons", "{'name':'Ada','custom_fields':{'" + key + "':5}}"))
                .contains("Expected 'string' as value for person custom field '" + key + "'");
        assertThat(refusal("deals", "{'title':'" + "x".repeat(256) + "'}")).contains("\"title\" length must be");
        // Of ISO 4217, too: that there is no currency
        assertThat(refusal("deals", "{'title':'Order','currency':'XXX'}")).contains("currency");
        assertThat(refusal("deals", "{'title':'Order','value':'10.00'}")).contains("must be of type number");
        assertThat(refusal("deals", "{'title':'Order','currency':'euro'}")).contains("currency");
        assertThat(refusal("deals", "{'title':'Order','status':'won','lost_reason':'price'}"))
                .contains("lost_reason: can only be set");
        assertThat(refusal("deals", "{'title':'Order','status':'paid'}")).contains("one of open,won,lost");
        assertThat(refusal("activities", "{'type':'dance'}")).contains("one of call");
        assertThat(http.post(V2 + "/persons", "{'name'").status()).isEqualTo(400);
        assertThat(http.post(V2 + "/persons", "{'name':5}").body().get("code").asText())
                .isEqualTo("ERR_SCHEMA_VALIDATION_FAILED");
        assertThat(http.get(V2 + "/persons?update_since=2026-01-01T00:00:00Z").status()).isEqualTo(400);
        assertThat(pipedrive.records("persons")).isEmpty();
    }

    @Test
    void personsAreCreatedChangedAndDeletedAndNothingIsUnique() throws IOException {
        String body = "{'name':'Ada King','emails':[{'value':'Ada@example.com'},{'value':'b@example.com',"
                + "'primary':true,'label':'home'}],'custom_fields':{'" + key + "':'main:1'}}";
        JsonNode person = http.post(V2 + "/persons", body).body().get("data");
        assertThat(person.get("first_name").asText()).isEqualTo("Ada");
        assertThat(person.at("/emails/0/primary").asBoolean(true)).isFalse();
        assertThat(person.at("/custom_fields/" + key).asText()).isEqualTo("main:1");
        assertThat(person.get("update_time").asText()).matches("....-..-..T..:..:..Z");
        assertThat(http.post(V2 + "/persons", body).status()).isEqualTo(200);
        assertThat(pipedrive.records("persons")).hasSize(2);
        String one = V2 + "/persons/" + person.get("id").asText();
        JsonNode changed = http.send("PATCH", one, "{'custom_fields':{'" + key + "':null}}").body().get("data");
        assertThat(changed.at("/custom_fields/" + key).isNull()).isTrue();
        assertThat(changed.get("emails")).hasSize(2);
        assertThat(http.send("PATCH", one, "{'add_time':'2026-01-01T00:00:00Z'}").status()).isEqualTo(400);
        assertThat(http.send("DELETE", one, null).body().at("/data/id").asLong()).isEqualTo(person.get("id").asLong());
        assertThat(http.get(one).body().at("/data/is_deleted").asBoolean()).isTrue();
        assertThat(http.send("PATCH", one, "{'name':'B'}").status()).isEqualTo(404);
        pipedrive.purgeDeleted();
        Http.Reply gone = http.get(one);
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.body().get("error_info").asText()).isEqualTo("Object was not found.");
    }

    @Test
    void customFieldsKeepTheirTypes() throws IOException {
        JsonNode field = http.post(V2 + "/dealFields", "{'field_name':'Payment','field_type':'enum',"
                + "'options':[{'label':'paid'},{'label':'pending'}]}").body().get("data");
        String code = field.get("field_code").asText();
        assertThat(code).matches("[0-9a-f]{40}");
        long paid = field.at("/options/0/id").asLong();
        String amount = pipedrive.defineField("deals", "monetary", "Refunded");
        assertThat(refusal("deals", "{'title':'A','custom_fields':{'" + code + "':'paid'}}"))
                .contains("Expected 'number'", code);
        assertThat(refusal("deals", "{'title':'A','custom_fields':{'" + amount + "':10}}"))
                .contains("Expected 'object'", amount);
        assertThat(http.post(V2 + "/deals", "{'title':'A','custom_fields':{'" + code + "':" + paid + ",'" + amount
                + "':{'value':10.5,'currency':'EUR'}}}").status()).isEqualTo(200);
        assertThat(http.post(V2 + "/dealFields", "{'field_name':'X','field_type':'enum'}").status()).isEqualTo(400);
        assertThat(http.post(V2 + "/dealFields", "{'field_name':'X','field_type':'money'}").status()).isEqualTo(400);
        JsonNode more = http.post(V2 + "/dealFields/" + code + "/options", "[{'label':'refunded'}]").body().get("data");
        assertThat(http.post(V2 + "/deals", "{'title':'B','custom_fields':{'" + code + "':" + more.at("/0/id").asLong()
                + "}}").status()).isEqualTo(200);
        JsonNode all = http.get(V2 + "/dealFields").body().get("data");
        assertThat(all.findValuesAsText("field_code")).contains("title", code, amount);
        assertThat(http.get(V2 + "/dealFields/" + code).body().at("/data/field_name").asText()).isEqualTo("Payment");
        assertThat(http.send("DELETE", V2 + "/dealFields/" + code, null).status()).isEqualTo(200);
        assertThat(http.get(V2 + "/dealFields/" + code).status()).isEqualTo(404);
    }

    @Test
    void aDealsValueIsTheSumOfItsProducts() throws IOException {
        String product = id(http.post(V2 + "/products", "{'name':'Cup','code':'CUP','prices':[{'price':10,"
                + "'currency':'USD'}]}"));
        String deal = id(http.post(V2 + "/deals", "{'title':'Order','value':5}"));
        String lines = V2 + "/deals/" + deal + "/products";
        String line = "{'product_id':" + product + ",'item_price':10.5,'quantity':2}";
        assertThat(http.post(lines, "{'product_id':" + product + ",'quantity':1}").status()).isEqualTo(400);
        assertThat(http.post(lines, "{'product_id':999,'item_price':1,'quantity':1}").status()).isEqualTo(400);
        Http.Reply created = http.post(lines, line);
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.body().at("/data/sum").asDouble()).isEqualTo(21.0);
        assertThat(http.post(lines + "/bulk", "{'data':[" + line + "," + line + "]}").body().get("data")).hasSize(2);
        assertThat(value(deal)).isEqualTo(63.0);
        assertThat(http.send("PATCH", lines + "/" + id(created), "{'quantity':1,'discount':0.5,"
                + "'discount_type':'amount'}").body().at("/data/sum").asDouble()).isEqualTo(10.0);
        assertThat(value(deal)).isEqualTo(52.0);
        String discounts = V2 + "/deals/" + deal + "/discounts";
        assertThat(http.post(discounts, "{'description':'10%','amount':10}").status()).isEqualTo(400);
        String discount = id(http.post(discounts, "{'description':'10%','amount':10,'type':'percentage'}"));
        assertThat(value(deal)).isEqualTo(46.8);
        assertThat(http.get(discounts).body().at("/data/0/id").asText()).isEqualTo(discount);
        assertThat(http.send("PATCH", discounts + "/" + discount, "{'amount':2,'type':'amount'}").status())
                .isEqualTo(200);
        assertThat(value(deal)).isEqualTo(50.0);
        assertThat(http.send("DELETE", discounts + "/" + discount, null).status()).isEqualTo(200);
        assertThat(value(deal)).isEqualTo(52.0);
        assertThat(http.get(V2 + "/deals/products?deal_ids=" + deal).body().get("data")).hasSize(3);
        assertThat(http.send("DELETE", lines + "/" + id(created), null).status()).isEqualTo(200);
        assertThat(http.send("DELETE", lines, null).body().at("/data/ids")).hasSize(2);
        assertThat(http.get(lines).body().get("data")).isEmpty();
        http.post(lines, line);
        http.send("DELETE", V2 + "/deals/" + deal, null);
        pipedrive.purgeDeleted();
        assertThat(pipedrive.records("deal_products")).isEmpty();
        lines = V2 + "/deals/" + id(http.post(V2 + "/deals", "{'title':'Other'}")) + "/products";
        String many = (line + ",").repeat(100) + line;
        assertThat(http.post(lines + "/bulk", "{'data':[" + many + "]}").status()).isEqualTo(400);
    }

    @Test
    void searchFindsExactValuesInAnyCaseOnceTheIndexHasFollowed() throws IOException {
        String number = pipedrive.defineField("persons", "date", "Since");
        person("Ada King", "ada@example.com", "main:1");
        person("Ada Queen", "ada@example.com.au", "main:11");
        assertThat(found("term=ADA@EXAMPLE.COM&fields=email&exact_match=true")).containsExactly("Ada King");
        assertThat(found("term=ada@example.com&fields=email")).containsExactly("Ada King", "Ada Queen");
        assertThat(found("term=main:1&fields=custom_fields&exact_match=true")).containsExactly("Ada King");
        assertThat(found("term=main:1&fields=email&exact_match=true")).isEmpty();
        assertThat(http.get(V2 + "/persons/search?term=a").status()).isEqualTo(400);
        assertThat(http.get(V2 + "/persons/search?term=ada&fields=shoe").status()).isEqualTo(400);
        assertThat(http.get(V2 + "/itemSearch?term=main:1&item_types=person&fields=custom_fields&exact_match=true")
                .body().at("/data/items/0/item/type").asText()).isEqualTo("person");
        String field = V2 + "/itemSearch/field?entity_type=person&term=main:1&match=exact&field=";
        assertThat(http.get(field + key).body().get("data")).hasSize(1);
        assertThat(http.get(field + number).body().path("data")).isEmpty();
        restart(FREE.withSearchLag(Duration.ofSeconds(30)), Company.defaults());
        person("Ada King", "ada@example.com", "main:1");
        assertThat(found("term=ada@example.com&fields=email&exact_match=true")).isEmpty();
    }

    @Test
    void listsArePagedByCursorAlsoAmongEqualTimes() throws IOException {
        for (int i = 0; i < 7; i++) {
            person("P" + i, "p" + i + "@example.com", "main:" + i);
        }
        String path = V2 + "/persons?limit=3&sort_by=update_time&updated_since=2020-01-01T00:00:00Z";
        Set<String> seen = new HashSet<>();
        int pages = 0;
        String cursor = "";
        do {
            JsonNode page = http.get(path + cursor).body();
            page.get("data").forEach(one -> seen.add(one.get("name").asText()));
            cursor = page.at("/additional_data/next_cursor").isNull() ? ""
                    : "&cursor=" + page.at("/additional_data/next_cursor").asText();
            pages++;
        } while (!cursor.isEmpty());
        assertThat(pages).isEqualTo(3);
        assertThat(seen).hasSize(7);
        assertThat(http.get(V2 + "/persons?updated_since=2099-01-01T00:00:00Z").body().get("data")).isEmpty();
        assertThat(http.get(V2 + "/persons?updated_since=2026-01-01T00:00:00.000Z").body().get("code").asText())
                .isEqualTo("ERR_SCHEMA_VALIDATION_FAILED");
        assertThat(http.get(V2 + "/persons?limit=501").status()).isEqualTo(400);
        assertThat(http.get(V2 + "/persons?cursor=nonsense").status()).isEqualTo(400);
        String first = pipedrive.records("persons").get(0).get("id").asText();
        assertThat(http.get(V2 + "/persons?ids=" + first + ",999").body().get("data")).hasSize(1);
    }

    @Test
    void theMarketingStatusChangesOnceOnly() throws IOException {
        String nobody = id(http.post(V2 + "/persons", "{'name':'Ada','marketing_status':'subscribed'}"));
        assertThat(status(nobody)).isEqualTo("no_consent");
        String person = person("Ada", "ada@example.com", "main:1");
        assertThat(status(person)).isEqualTo("no_consent");
        http.send("PATCH", V2 + "/persons/" + person, "{'marketing_status':'subscribed'}");
        assertThat(status(person)).isEqualTo("subscribed");
        assertThat(http.send("PATCH", V2 + "/persons/" + person, "{'marketing_status':'unsubscribed'}").status())
                .isEqualTo(200);
        assertThat(status(person)).isEqualTo("subscribed");
        assertThat(refusal("persons", "{'name':'Ada','marketing_status':'maybe'}")).contains("marketing_status");
        restart(FREE, Company.defaults().withCampaigns(false));
        assertThat(refusal("persons", "{'name':'Ada','marketing_status':'subscribed'}")).contains("should not exist");
    }

    @Test
    void aMergedPersonIsGoneAndItsDealsGoOver() throws IOException {
        String loser = person("Ada", "old@example.com", "main:1");
        String winner = person("Ada King", "new@example.com", "main:2");
        String deal = id(http.post(V2 + "/deals", "{'title':'Order','person_id':" + loser + "}"));
        JsonNode merged = http.send("PUT", "/v1/persons/" + loser + "/merge", "{'merge_with_id':" + winner + "}")
                .body();
        assertThat(merged.at("/data/id").asText()).isEqualTo(winner);
        assertThat(merged.at("/data/name").asText()).isEqualTo("Ada King");
        assertThat(merged.at("/data/emails").findValuesAsText("value"))
                .containsExactly("new@example.com", "old@example.com");
        assertThat(merged.at("/data/custom_fields/" + key).asText()).isEqualTo("main:2");
        assertThat(http.get(V2 + "/persons/" + loser).body().at("/data/is_deleted").asBoolean()).isTrue();
        assertThat(http.get(V2 + "/deals/" + deal).body().at("/data/person_id").asText()).isEqualTo(winner);
        assertThat(http.send("PUT", "/v1/persons/" + loser + "/merge", "{'merge_with_id':" + winner + "}").status())
                .isEqualTo(404);
    }

    @Test
    void notesBelongToSomething() throws IOException {
        String person = person("Ada", "ada@example.com", "main:1");
        assertThat(http.post("/v1/notes", "{'content':'hello'}").status()).isEqualTo(400);
        String note = id(http.post("/api/v1/notes", "{'content':'hello','person_id':" + person + "}"));
        assertThat(http.send("PUT", "/v1/notes/" + note, "{'content':'bye'}").body().at("/data/content").asText())
                .isEqualTo("bye");
        assertThat(http.get("/v1/notes?person_id=" + person).body().get("data")).hasSize(1);
        assertThat(http.get("/v1/notes?person_id=999").body().get("data")).isEmpty();
        assertThat(http.send("DELETE", "/v1/notes/" + note, null).status()).isEqualTo(200);
        assertThat(http.get("/v1/persons").status()).isEqualTo(404);
        assertThat(http.get("/v1/users/me").body().at("/data/company_domain").asText()).isEqualTo("sandbox");
    }

    @Test
    void webhooksHaveTheChangesAndTheirAuthor() throws IOException {
        Queue<JsonNode> heard = new ConcurrentLinkedQueue<>();
        HttpServer listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        listener.createContext("/", exchange -> {
            boolean known = "Basic dTpw".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            JsonNode body = Json.parse(exchange.getRequestBody().readAllBytes());
            if (known) {
                heard.add(body);
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        listener.start();
        try {
            Http.Reply created = http.post("/api/v1/webhooks", "{'name':'Shopbridge','subscription_url':"
                    + "'http://localhost:" + listener.getAddress().getPort() + "/','event_action':'*',"
                    + "'event_object':'person','version':'2.0','http_auth_user':'u','http_auth_password':'p'}");
            assertThat(created.status()).isEqualTo(201);
            String person = person("Ada", "ada@example.com", "main:1");
            http.post(V2 + "/deals", "{'title':'Order'}");
            pipedrive.editAsUser("persons", person, Json.object().put("name", "Ada King"));
            await().atMost(Duration.ofSeconds(5)).until(() -> heard.size() == 2);
            JsonNode change = heard.stream().filter(one -> one.at("/meta/action").asText().equals("change"))
                    .findFirst().orElseThrow();
            assertThat(change.at("/data/name").asText()).isEqualTo("Ada King");
            assertThat(change.at("/previous/name").asText()).isEqualTo("Ada");
            assertThat(change.get("previous").has("emails")).isFalse();
            assertThat(change.at("/meta/change_source").asText()).isEqualTo("app");
            assertThat(http.send("DELETE", "/v1/webhooks/" + id(created), null).status()).isEqualTo(200);
        } finally {
            listener.stop(0);
        }
    }

    @Test
    void burstsAreLimitedAndSearchesFewer() throws IOException {
        restart(Options.defaults().withRequestsPerPeriod(13), Company.defaults());
        Http.Reply reply = http.get(V2 + "/persons");
        assertThat(reply.header("x-ratelimit-limit")).isEqualTo("13");
        assertThat(reply.header("x-ratelimit-remaining")).isEqualTo("12");
        assertThat(reply.header("x-daily-ratelimit-token-remaining")).isEqualTo("29990");
        assertThat(reply.header("x-daily-requests-left")).isNull();
        assertThat(http.send("GET", V2 + "/persons", null, "x-api-token", Options.DEFAULT_TOKEN)
                .header("x-daily-requests-left")).isEqualTo("10000");
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            statuses.add(http.get(V2 + "/persons/search?term=main:1&exact_match=true").status());
        }
        assertThat(statuses.subList(0, 10)).containsOnly(200);
        assertThat(statuses.get(10)).isEqualTo(429);
        reply = http.get(V2 + "/persons");
        assertThat(reply.status()).isEqualTo(429);
        assertThat(Integer.parseInt(reply.header("Retry-After"))).isBetween(1, 2);
        assertThat(reply.body().get("success").asBoolean(true)).isFalse();
    }

    @Test
    void theDailyBudgetEndsAndItsRetryAfterIsTheNextDay() throws IOException {
        restart(Options.defaults(), Company.defaults().withDailyTokens(12));
        assertThat(http.get(V2 + "/persons").status()).isEqualTo(200);
        Http.Reply reply = http.post(V2 + "/persons", "{'name':'Ada'}");
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("x-daily-ratelimit-token-remaining")).isEqualTo("0");
        assertThat(reply.header("Retry-After")).isNotNull();
        assertThat(pipedrive.records("persons")).isEmpty();
    }

    @Test
    void faultsAreAnsweredInPipedrivesWords() throws IOException {
        pipedrive.faults().answer(429, null, 1);
        Http.Reply reply = http.get(V2 + "/persons");
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).isNull();
        assertThat(reply.body().get("error").asText()).isEqualTo("request over limit");
        pipedrive.faults().loseAnswers(1);
        assertThatThrownBy(() -> person("Ada", "ada@example.com", "main:1")).isInstanceOf(IOException.class);
        assertThat(pipedrive.records("persons")).hasSize(1);
        http.get(V2 + "/persons/1");
        assertThat(pipedrive.calls()).containsEntry("GET /api/v2/persons/{id}", 1L);
    }

    @Test
    void recordsAndFieldsOutliveARestart(@TempDir Path dir) throws IOException {
        Options options = FREE.withJournal(dir.resolve("pipedrive.jsonl"));
        Company company = Company.defaults()
                .withFields(List.of("persons varchar Shopify key", "deals enum Payment:paid,pending"));
        restart(options, company);
        String known = Fields.code("persons", "Shopify key", 0);
        http.post(V2 + "/persons", "{'name':'Ada','custom_fields':{'" + known + "':'main:1'}}");
        restart(options, company);
        assertThat(found("term=main:1&fields=custom_fields&exact_match=true")).containsExactly("Ada");
        assertThat(http.get(V2 + "/dealFields").body().findValuesAsText("label")).containsExactly("paid", "pending");
        pipedrive.clear();
        assertThat(pipedrive.records("persons")).isEmpty();
        assertThat(http.get(V2 + "/personFields/" + known).status()).isEqualTo(200);
    }

    private String person(String name, String email, String shopify) throws IOException {
        return id(http.post(V2 + "/persons", "{'name':'" + name + "','emails':[{'value':'" + email
                + "','primary':true,'label':'work'}],'custom_fields':{'" + key + "':'" + shopify + "'}}"));
    }

    private static String id(Http.Reply reply) {
        assertThat(reply.status()).as(String.valueOf(reply.body())).isBetween(200, 201);
        return reply.body().at("/data/id").asText();
    }

    private double value(String deal) throws IOException {
        return http.get(V2 + "/deals/" + deal).body().at("/data/value").asDouble();
    }

    private String status(String person) throws IOException {
        return http.get(V2 + "/persons/" + person).body().at("/data/marketing_status").asText();
    }

    private List<String> found(String query) throws IOException {
        JsonNode items = http.get(V2 + "/persons/search?" + query).body().at("/data/items");
        List<String> names = new ArrayList<>();
        items.forEach(one -> names.add(one.at("/item/name").asText()));
        return names;
    }

    private String refusal(String object, String body) throws IOException {
        Http.Reply reply = http.post(V2 + "/" + object, body);
        assertThat(reply.status()).as(String.valueOf(reply.body())).isEqualTo(400);
        assertThat(reply.body().get("success").asBoolean(true)).isFalse();
        return reply.body().get("error").asText();
    }

    private JsonNode oauth(String secret) throws Exception {
        String basic = Base64.getEncoder().encodeToString(("client:" + secret).getBytes(StandardCharsets.UTF_8));
        return Json.MAPPER.readTree(HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                URI.create(pipedrive.baseUrl() + "/oauth/token")).header("Authorization", "Basic " + basic)
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=refresh_token&refresh_token="
                        + URLEncoder.encode("a/b", StandardCharsets.UTF_8))).build(),
                HttpResponse.BodyHandlers.ofString()).body());
    }

    private void restart(Options options, Company company) {
        if (pipedrive != null) {
            pipedrive.close();
        }
        pipedrive = SimulatedPipedrive.start(0, options, company);
        http = new Http(pipedrive.baseUrl(), Options.DEFAULT_TOKEN);
        key = company.fields().isEmpty() ? pipedrive.defineField("persons", "varchar", "Shopify customer") : null;
    }
}
