package io.shopbridge.sandbox.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.Http;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedSalesforceTest {

    private static final String DATA = "/services/data/v68.0";
    private static final String CONTACTS = DATA + "/composite/sobjects/Contact/Shopbridge_Key__c";
    private static final Org ORG = ShopbridgeFields.org().withFields(
            "Contact.Email_Consent__c picklist subscribed,unsubscribed",
            "Contact.Legacy_Number__c string 20 external-id",
            "Order.Shopify_Total__c currency 16.2");

    private SimulatedSalesforce salesforce;
    private Http http;

    @BeforeEach
    void start() {
        restart(Options.defaults(), ORG);
    }

    @AfterEach
    void stop() {
        salesforce.close();
    }

    @Test
    void aTokenIsGivenForTheSecretAndEndsWithItsSession() throws Exception {
        assertThat(form("grant_type=client_credentials&client_id=sandbox-client&client_secret=wrong").get("error")
                .asText()).isEqualTo("invalid_client");
        assertThat(form("grant_type=client_credentials&client_id=x&client_secret=y").get("error").asText())
                .isEqualTo("invalid_client_id");
        assertThat(form("grant_type=password").get("error").asText()).isEqualTo("unsupported_grant_type");
        JsonNode token = form("grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-token");
        assertThat(token.get("instance_url").asText()).isEqualTo(salesforce.baseUrl());
        Http session = new Http(salesforce.baseUrl(), token.get("access_token").asText());
        assertThat(session.get(DATA + "/sobjects").status()).isEqualTo(200);
        salesforce.expireSessions();
        Http.Reply reply = session.get(DATA + "/sobjects");
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.body().at("/0/errorCode").asText()).isEqualTo("INVALID_SESSION_ID");
    }

    @Test
    void sessionsEndByThemselves() throws Exception {
        restart(Options.defaults(), ORG.withSessionLasting(Duration.ofMillis(1)));
        Http session = new Http(salesforce.baseUrl(), form("grant_type=client_credentials&client_id=sandbox-client"
                + "&client_secret=sandbox-token").get("access_token").asText());
        await().atMost(Duration.ofSeconds(5)).until(() -> session.get(DATA + "/sobjects").status() == 401);
    }

    @Test
    void anAssertionIsTakenOnlyWithTheRightSignatureAndClaims(@TempDir Path dir) throws Exception {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Assumptions.assumeTrue(Files.isExecutable(keytool), "keytool, which makes the certificate, is not in this JRE");
        Path file = dir.resolve("keys.p12");
        run(keytool.toString(), "-genkeypair", "-keystore", file.toString(), "-storepass", "changeit", "-alias", "jwt",
                "-keyalg", "RSA", "-dname", "CN=test");
        run(keytool.toString(), "-exportcert", "-rfc", "-keystore", file.toString(), "-storepass", "changeit",
                "-alias", "jwt", "-file", dir.resolve("jwt.pem").toString());
        KeyStore keys = KeyStore.getInstance(file.toFile(), "changeit".toCharArray());
        PrivateKey signer = (PrivateKey) keys.getKey("jwt", "changeit".toCharArray());
        restart(Options.defaults(), ORG.withCertificate(dir.resolve("jwt.pem")));
        long soon = Instant.now().plusSeconds(120).getEpochSecond();
        String claims = "{'iss':'sandbox-client','sub':'integration@example.com',"
                + "'aud':'https://login.salesforce.com','exp':" + soon + "}";
        assertThat(assertion(signer, claims).path("token_type").asText()).isEqualTo("Bearer");
        assertThat(assertion(signer, claims.replace("login.", "evil.")).path("error_description").asText())
                .isEqualTo("audience is invalid");
        assertThat(assertion(signer, claims.replace("" + soon, "1")).path("error_description").asText())
                .isEqualTo("expired authorization code");
        KeyPairGenerator others = KeyPairGenerator.getInstance("RSA");
        others.initialize(2048);
        assertThat(assertion(others.generateKeyPair().getPrivate(), claims).path("error_description").asText())
                .isEqualTo("invalid assertion");
    }

    @Test
    void versionsAndObjectsAreDescribed() throws IOException {
        assertThat(http.get("/services/data").body().findValuesAsText("version")).contains("68.0", "67.0");
        assertThat(http.get("/services/data").body().findValuesAsText("label")).contains("Winter '27", "Summer '26");
        assertThat(http.get("/services/data/v20.0/sobjects").status()).isEqualTo(404);
        JsonNode fields = http.get(DATA + "/sobjects/Contact/describe").body().get("fields");
        JsonNode key = named(fields, "Shopbridge_Key__c");
        assertThat(key.get("externalId").asBoolean() && key.get("unique").asBoolean()).isTrue();
        assertThat(named(fields, "LastName").get("nillable").asBoolean()).isFalse();
        assertThat(named(fields, "Email_Consent__c").at("/picklistValues/1/value").asText()).isEqualTo("unsubscribed");
        assertThat(named(http.get(DATA + "/sobjects/Order/describe").body().get("fields"), "TotalAmount")
                .get("updateable").asBoolean()).isFalse();
    }

    @Test
    void upsertByExternalIdJudgesEveryRowAlone() throws IOException {
        Http.Reply reply = upsert("{'LastName':'King','Email':'Ada@Example.com','Shopbridge_Key__c':'main:1'}",
                "{'FirstName':'Ada','Shopbridge_Key__c':'main:2'}",
                "{'LastName':'" + "x".repeat(81) + "','Shopbridge_Key__c':'main:3'}",
                "{'LastName':'A','Email':'nonsense','Shopbridge_Key__c':'main:4'}",
                "{'LastName':'A','Email_Consent__c':'maybe','Shopbridge_Key__c':'main:5'}",
                "{'LastName':'A','Shoe_Size__c':'5','Shopbridge_Key__c':'main:6'}",
                "{'LastName':'A','Name':'A','Shopbridge_Key__c':'main:7'}",
                "{'LastName':'A','Shopbridge_Key__c':'MAIN:1'}",
                "{'LastName':'A'}",
                "{'LastName':'A','AccountId':'001000000000001','Shopbridge_Key__c':'main:8'}");
        assertThat(reply.status()).isEqualTo(200);
        JsonNode rows = reply.body();
        assertThat(rows.at("/0/success").asBoolean() && rows.at("/0/created").asBoolean()).isTrue();
        assertThat(codes(rows)).containsExactly("", "REQUIRED_FIELD_MISSING", "STRING_TOO_LONG",
                "INVALID_EMAIL_ADDRESS", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "INVALID_FIELD",
                "INVALID_FIELD_FOR_INSERT_UPDATE", "DUPLICATE_VALUE", "MISSING_ARGUMENT",
                "INVALID_CROSS_REFERENCE_KEY");
        assertThat(rows.at("/1/errors/0/fields/0").asText()).isEqualTo("LastName");
        JsonNode again = upsert("{'LastName':' King ','FirstName':'','Shopbridge_Key__c':'main:1'}").body();
        assertThat(again.at("/0/created").asBoolean(true)).isFalse();
        assertThat(again.at("/0/id")).isEqualTo(rows.at("/0/id"));
        assertThat(salesforce.records("Contact")).hasSize(1);
        assertThat(salesforce.records("Contact").get(0).get("Email").asText()).isEqualTo("ada@example.com");
    }

    @Test
    void allOrNoneLeavesNothingBehind() throws IOException {
        String body = "{'allOrNone':true,'records':[{'attributes':{'type':'Contact'},'LastName':'King'},"
                + "{'attributes':{'type':'Contact'},'FirstName':'Ada'}]}";
        JsonNode rows = http.post(DATA + "/composite/sobjects", body).body();
        assertThat(codes(rows)).containsExactly("ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING");
        assertThat(salesforce.records("Contact")).isEmpty();
    }

    @Test
    void wrongRequestsFailAsAWhole() throws IOException {
        assertThat(error(upsert("{'LastName':5,'Shopbridge_Key__c':'main:1'}"))).isEqualTo("JSON_PARSER_ERROR");
        assertThat(error(http.send("PATCH", CONTACTS, "{'records':[{'LastName':'A'}]}"))).isEqualTo("INVALID_INPUT");
        assertThat(error(http.send("PATCH", CONTACTS, "{'record':[]}"))).isEqualTo("JSON_PARSER_ERROR");
        assertThat(error(http.send("PATCH", CONTACTS, "{'records'"))).isEqualTo("JSON_PARSER_ERROR");
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 201; i++) {
            many.add("{'LastName':'A','Shopbridge_Key__c':'main:" + i + "'}");
        }
        assertThat(error(upsert(many.toArray(String[]::new)))).isEqualTo("EXCEEDED_ID_LIMIT");
        assertThat(http.send("PATCH", DATA + "/composite/sobjects/Contact/Email", "{}").status()).isEqualTo(404);
        assertThat(salesforce.records("Contact")).isEmpty();
    }

    @Test
    void twoRecordsOfOneExternalIdAreAmbiguous() throws IOException {
        contact("'LastName':'A','Legacy_Number__c':'7'");
        contact("'LastName':'B','Legacy_Number__c':'7'");
        JsonNode rows = http.send("PATCH", DATA + "/composite/sobjects/Contact/Legacy_Number__c",
                "{'records':[{'attributes':{'type':'Contact'},'LastName':'C','Legacy_Number__c':'7'}]}").body();
        assertThat(codes(rows)).containsExactly("DUPLICATE_EXTERNAL_ID");
        assertThat(http.send("PATCH", DATA + "/sobjects/Contact/Legacy_Number__c/7", "{'LastName':'C'}").status())
                .isEqualTo(300);
    }

    @Test
    void singleRecordsAreCreatedReadChangedAndDeleted() throws IOException {
        Http.Reply created = http.send("PATCH", DATA + "/sobjects/Contact/Shopbridge_Key__c/main%3A1",
                "{'LastName':'King'}");
        assertThat(created.status()).isEqualTo(201);
        String id = created.body().get("id").asText();
        assertThat(id).hasSize(18).startsWith("003");
        String one = DATA + "/sobjects/Contact/" + id;
        assertThat(http.send("PATCH", one, "{'FirstName':'Ada'}").status()).isEqualTo(204);
        JsonNode read = http.get(one + "?fields=Name,Shopbridge_Key__c").body();
        assertThat(read.get("Name").asText()).isEqualTo("Ada King");
        assertThat(read.get("Shopbridge_Key__c").asText()).isEqualTo("main:1");
        assertThat(http.get(DATA + "/sobjects/Contact/" + id.substring(0, 15)).body().get("Id").asText()).isEqualTo(id);
        assertThat(error(http.send("PATCH", one, "{'Shopbridge_Key__c':'main:2','Id':'" + id + "'}")))
                .isEqualTo("INVALID_FIELD");
        assertThat(http.send("DELETE", one, null).status()).isEqualTo(204);
        assertThat(error(http.get(one))).isEqualTo("ENTITY_IS_DELETED");
        JsonNode rows = http.send("PATCH", DATA + "/composite/sobjects", "{'records':[{'attributes':{'type':'Contact'},"
                + "'id':'" + id + "','FirstName':'B'},{'attributes':{'type':'Contact'},'id':'zz'},"
                + "{'attributes':{'type':'Contact'},'FirstName':'B'}]}").body();
        assertThat(codes(rows)).containsExactly("ENTITY_IS_DELETED", "MALFORMED_ID", "MISSING_ARGUMENT");
        salesforce.emptyRecycleBin();
        assertThat(error(http.get(one))).isEqualTo("NOT_FOUND");
    }

    @Test
    void collectionsAreRetrievedAndDeleted() throws IOException {
        String id = contact("'LastName':'King'");
        JsonNode found = http.post(DATA + "/composite/sobjects/Contact", "{'ids':['" + id
                + "','003000000000000AAA'],'fields':['LastName']}").body();
        assertThat(found.at("/0/LastName").asText()).isEqualTo("King");
        assertThat(found.get(1).isNull()).isTrue();
        JsonNode rows = http.send("DELETE", DATA + "/composite/sobjects?ids=" + id + "," + id, null).body();
        assertThat(codes(rows)).containsExactly("", "ENTITY_IS_DELETED");
    }

    @Test
    void anOrderBeginsAsDraftAndItsItemsFollowItsPriceBook() throws IOException {
        String account = create("Account", "'Name':'Shop'");
        String book = create("Pricebook2", "'Name':'Shopify','IsActive':true");
        String product = create("Product2", "'Name':'Cup','IsActive':true");
        String price = "'Product2Id':'" + product + "','UnitPrice':10,'IsActive':true,'CurrencyIsoCode':'EUR'";
        assertThat(error(http.post(DATA + "/sobjects/PricebookEntry", "{'Pricebook2Id':'" + book + "'," + price + "}")))
                .isEqualTo("STANDARD_PRICE_NOT_DEFINED");
        String standard = query("SELECT Id FROM Pricebook2 WHERE IsStandard = true").at("/records/0/Id").asText();
        String standardEntry = create("PricebookEntry", "'Pricebook2Id':'" + standard + "'," + price);
        String entry = create("PricebookEntry", "'Pricebook2Id':'" + book + "'," + price);
        String order = "'AccountId':'" + account + "','EffectiveDate':'2026-11-01','CurrencyIsoCode':'EUR',"
                + "'Pricebook2Id':'" + book + "','Status':";
        assertThat(error(http.post(DATA + "/sobjects/Order", "{" + order + "'Activated'}")))
                .isEqualTo("FAILED_ACTIVATION");
        assertThat(error(http.post(DATA + "/sobjects/Order", "{" + order + "'Draft','TotalAmount':1}")))
                .isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
        String id = create("Order", order + "'Draft','Shopbridge_Key__c':'main:9'");
        assertThat(error(http.send("PATCH", DATA + "/sobjects/Order/" + id, "{'Status':'Activated'}")))
                .isEqualTo("FAILED_ACTIVATION");
        String item = "'Order':{'Shopbridge_Key__c':'main:9'},'Quantity':2,'UnitPrice':'9.50'";
        assertThat(error(http.post(DATA + "/sobjects/OrderItem", "{" + item + "}")))
                .isEqualTo("REQUIRED_FIELD_MISSING");
        assertThat(error(http.post(DATA + "/sobjects/OrderItem", "{" + item + ",'PricebookEntryId':'" + standardEntry
                + "'}"))).isEqualTo("FIELD_INTEGRITY_EXCEPTION");
        String itemId = create("OrderItem", item + ",'PricebookEntryId':'" + entry + "'");
        assertThat(error(http.send("PATCH", DATA + "/sobjects/OrderItem/" + itemId, "{'OrderId':'" + id + "'}")))
                .isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
        JsonNode read = query("SELECT TotalAmount, Account.Name FROM Order WHERE Id = '" + id + "'").at("/records/0");
        assertThat(read.get("TotalAmount").decimalValue()).isEqualByComparingTo("19.00");
        assertThat(read.at("/Account/Name").asText()).isEqualTo("Shop");
        assertThat(error(http.send("PATCH", DATA + "/sobjects/Order/" + id, "{'Pricebook2Id':'" + standard + "'}")))
                .isEqualTo("FIELD_INTEGRITY_EXCEPTION");
        assertThat(http.send("PATCH", DATA + "/sobjects/Order/" + id, "{'Status':'Activated'}").status())
                .isEqualTo(204);
        assertThat(error(http.send("PATCH", DATA + "/sobjects/OrderItem/" + itemId, "{'Quantity':3}")))
                .isEqualTo("FIELD_INTEGRITY_EXCEPTION");
        assertThat(error(http.send("DELETE", DATA + "/sobjects/Order/" + id, null))).isEqualTo("DELETE_FAILED");
        assertThat(error(http.send("DELETE", DATA + "/sobjects/Account/" + account, null))).isEqualTo("DELETE_FAILED");
        assertThat(error(http.send("DELETE", DATA + "/sobjects/Product2/" + product, null))).isEqualTo("DELETE_FAILED");
    }

    @Test
    void anItemMustBeInTheOrdersCurrency() throws IOException {
        String account = create("Account", "'Name':'Shop'");
        String standard = query("SELECT Id FROM Pricebook2 WHERE IsStandard = true").at("/records/0/Id").asText();
        String product = create("Product2", "'Name':'Cup'");
        String entry = create("PricebookEntry", "'Pricebook2Id':'" + standard + "','Product2Id':'" + product
                + "','UnitPrice':10,'IsActive':true,'CurrencyIsoCode':'USD'");
        String order = create("Order", "'AccountId':'" + account + "','EffectiveDate':'2026-11-01','Status':'Draft',"
                + "'CurrencyIsoCode':'EUR','Pricebook2Id':'" + standard + "'");
        Http.Reply reply = http.post(DATA + "/sobjects/OrderItem", "{'OrderId':'" + order + "','PricebookEntryId':'"
                + entry + "','Quantity':1,'UnitPrice':1}");
        assertThat(reply.body().at("/0/message").asText()).contains("currency");
    }

    @Test
    void aPersonAccountHasAContactAndNoNameOfItsOwn() throws IOException {
        restart(Options.defaults(), ORG.withPersonAccounts(true));
        String type = query("SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND IsPersonType = true")
                .at("/records/0/Id").asText();
        String person = "'RecordTypeId':'" + type + "','LastName':'King','PersonEmail':'a@example.com',"
                + "'Email_Consent__pc':'subscribed'";
        assertThat(error(http.post(DATA + "/sobjects/Account", "{" + person + ",'Name':'Ada King'}")))
                .isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
        assertThat(error(http.post(DATA + "/sobjects/Account", "{'Name':'Shop','LastName':'King'}")))
                .isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
        assertThat(error(http.post(DATA + "/sobjects/Account", "{'RecordTypeId':'" + type + "'}")))
                .isEqualTo("REQUIRED_FIELD_MISSING");
        String id = create("Account", person);
        assertThat(http.send("PATCH", DATA + "/sobjects/Account/" + id, "{'FirstName':'Ada'}").status()).isEqualTo(204);
        JsonNode contact = query("SELECT Name, Email, Email_Consent__c, AccountId FROM Contact").at("/records/0");
        assertThat(contact.get("Name").asText()).isEqualTo("Ada King");
        assertThat(contact.get("Email_Consent__c").asText()).isEqualTo("subscribed");
        assertThat(contact.get("AccountId").asText()).isEqualTo(id);
        JsonNode account = query("SELECT Name, IsPersonAccount, PersonContactId FROM Account").at("/records/0");
        assertThat(account.get("Name").asText()).isEqualTo("Ada King");
        assertThat(account.get("IsPersonAccount").asBoolean()).isTrue();
        assertThat(error(http.send("PATCH", DATA + "/sobjects/Contact/" + account.get("PersonContactId").asText(),
                "{'LastName':'B'}"))).isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
    }

    @Test
    void queriesFilterSortAndRefuse() throws IOException {
        contact("'LastName':'O\\u0027Hara','FirstName':'Kate','Email':'k@example.com'");
        contact("'LastName':'King','FirstName':'Ada','DoNotCall':true");
        contact("'LastName':'Zed'");
        assertThat(names("SELECT Name FROM Contact WHERE Email = 'K@example.com'")).containsExactly("Kate O'Hara");
        assertThat(names("SELECT Name FROM Contact WHERE LastName = 'O\\'Hara'")).containsExactly("Kate O'Hara");
        assertThat(names("select Name from Contact where LastName in ('king', 'zed') order by LastName desc"))
                .containsExactly("Zed", "Ada King");
        assertThat(names("SELECT Name FROM Contact WHERE (FirstName = null OR DoNotCall = TRUE) AND LastName != 'x' "
                + "ORDER BY Name ASC NULLS LAST LIMIT 1")).containsExactly("Ada King");
        assertThat(names("SELECT Name FROM Contact WHERE NOT LastName LIKE '%i%' ORDER BY Name"))
                .containsExactly("Kate O'Hara", "Zed");
        assertThat(query("SELECT COUNT() FROM Contact").get("totalSize").asInt()).isEqualTo(3);
        assertThat(refusal("SELECT Nme FROM Contact")).isEqualTo("INVALID_FIELD");
        assertThat(refusal("SELECT Name FROM Dog")).isEqualTo("INVALID_TYPE");
        assertThat(refusal("SELECT Name FROM Contact WHERE Name = 'a' AND Name = 'b' OR Name = 'c'"))
                .isEqualTo("MALFORMED_QUERY");
        assertThat(refusal("SELECT Name FROM Contact WHERE Name = 'a")).isEqualTo("MALFORMED_QUERY");
        assertThat(refusal("SELECT Name FROM Contact WHERE CreatedDate > '2026-01-01T00:00:00Z'"))
                .isEqualTo("INVALID_FIELD");
        assertThat(refusal("SELECT Name FROM Contact WHERE Description = 'a'")).isEqualTo("INVALID_FIELD");
        assertThat(refusal("SELECT Name FROM Contact WHERE Boss.Name = 'a'")).isEqualTo("INVALID_FIELD");
        assertThat(names("SELECT Name FROM Contact WHERE Name = '" + "x".repeat(9_000) + "'")).isEmpty();
        assertThat(http.get(DATA + "/query?q=" + encoded("SELECT Id FROM Contact WHERE Name = '" + "x".repeat(17_000)
                + "'")).status()).isEqualTo(414);
    }

    @Test
    void changesArePagedAlthoughManyShareAMoment() throws IOException {
        restart(Options.defaults(), ORG.withPageSize(3));
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rows.add("{'LastName':'L" + i + "','Shopbridge_Key__c':'main:" + i + "'}");
        }
        upsert(rows.toArray(String[]::new));
        String soql = "SELECT Id, SystemModstamp FROM Contact WHERE SystemModstamp > 2020-01-01T00:00:00Z "
                + "ORDER BY SystemModstamp, Id";
        JsonNode page = query(soql);
        assertThat(page.get("totalSize").asInt()).isEqualTo(10);
        assertThat(page.at("/records/0/SystemModstamp").asText()).endsWith(".000+0000");
        Set<String> seen = new HashSet<>();
        int pages = 1;
        page.get("records").forEach(one -> seen.add(one.get("Id").asText()));
        while (!page.get("done").asBoolean()) {
            page = http.get(page.get("nextRecordsUrl").asText()).body();
            page.get("records").forEach(one -> seen.add(one.get("Id").asText()));
            pages++;
        }
        assertThat(pages).isEqualTo(4);
        assertThat(seen).hasSize(10);
        assertThat(error(http.get(DATA + "/query/01gNONE-3"))).isEqualTo("INVALID_QUERY_LOCATOR");
    }

    @Test
    void aMergedRecordHasItsMaster() throws IOException {
        String master = contact("'LastName':'King'");
        String other = contact("'LastName':'King'");
        String task = create("Task", "'Subject':'Call','WhoId':'" + other + "'");
        assertThat(http.post("/sandbox/merge", "{'object':'Contact','master':'" + master + "','other':'" + other
                + "'}").status()).isEqualTo(204);
        assertThat(error(http.get(DATA + "/sobjects/Contact/" + other))).isEqualTo("ENTITY_IS_DELETED");
        JsonNode found = http.get(DATA + "/queryAll?q=" + encoded("SELECT MasterRecordId, IsDeleted FROM Contact WHERE "
                + "Id = '" + other + "'")).body().at("/records/0");
        assertThat(found.get("MasterRecordId").asText()).isEqualTo(master);
        assertThat(query("SELECT WhoId FROM Task WHERE Id = '" + task + "'").at("/records/0/WhoId").asText())
                .isEqualTo(master);
        assertThat(query("SELECT Id FROM Contact").get("totalSize").asInt()).isEqualTo(1);
    }

    @Test
    void aValidationRuleRefusesInItsOwnWords() throws IOException {
        salesforce.addValidationRule("Contact", "LastName", "^Test", "No test people, please.");
        JsonNode rows = upsert("{'LastName':'Tester','Shopbridge_Key__c':'main:1'}",
                "{'LastName':'King','Shopbridge_Key__c':'main:2'}").body();
        assertThat(codes(rows)).containsExactly("FIELD_CUSTOM_VALIDATION_EXCEPTION", "");
        assertThat(rows.at("/0/errors/0/message").asText()).isEqualTo("No test people, please.");
        assertThat(rows.at("/0/errors/0/fields/0").asText()).isEqualTo("LastName");
    }

    @Test
    void aCustomOrderTakesItsLinesWithIt() throws IOException {
        String order = http.post(DATA + "/sobjects/Shopify_Order__c", "{'Name':'#1'}").body().path("id").asText();
        String line = "{'Name':'Mug','Shopify_Order__c':'" + order + "'}";
        String id = http.post(DATA + "/sobjects/Shopify_Order_Line__c", line).body().path("id").asText();
        assertThat(http.post(DATA + "/sobjects/Shopify_Order_Line__c", "{'Name':'Mug'}").body().at("/0/errorCode")
                .asText()).isEqualTo("REQUIRED_FIELD_MISSING");
        assertThat(http.send("PATCH", DATA + "/sobjects/Shopify_Order_Line__c/" + id, line).body().at("/0/errorCode")
                .asText()).isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
        http.send("DELETE", DATA + "/sobjects/Shopify_Order__c/" + order, null);
        assertThat(salesforce.records("Shopify_Order_Line__c")).isEmpty();
    }

    @Test
    void aCustomObjectThatCameLaterTakesRecords() throws IOException {
        salesforce.defineField("Shopify_Visit__c.Key__c string 80 external-id unique");
        String visit = DATA + "/sobjects/Shopify_Visit__c";
        assertThat(http.post(visit, "{'Name':'First','Key__c':'main:1'}").status()).isEqualTo(201);
        assertThat(error(http.post(visit, "{'Name':'Again','Key__c':'main:1'}"))).isEqualTo("DUPLICATE_VALUE");
        assertThat(salesforce.records("Shopify_Visit__c")).hasSize(1);
    }

    @Test
    void duplicatesAreDetectedUnlessTheHeaderAllowsThem() throws IOException {
        salesforce.setDuplicateRule("Contact", "Email");
        String id = contact("'LastName':'A','Email':'a@example.com'");
        String body = "{'LastName':'B','Email':'A@example.com'}";
        Http.Reply refused = http.post(DATA + "/sobjects/Contact", body);
        assertThat(error(refused)).isEqualTo("DUPLICATES_DETECTED");
        assertThat(refused.body().at("/0/duplicateResult/matchResults/0/matchRecords/0/record/Id").asText())
                .isEqualTo(id);
        assertThat(http.send("POST", DATA + "/sobjects/Contact", body, "Sforce-Duplicate-Rule-Header",
                "allowSave=true; includeRecordDetails=true").status()).isEqualTo(201);
    }

    @Test
    void theCallersNameIsRecordedUntilAUserEdits() throws IOException {
        http.send("POST", DATA + "/sobjects/Contact", "{'LastName':'A'}", "Sforce-Call-Options", "client=Shopbridge");
        JsonNode contact = salesforce.records("Contact").get(0);
        assertThat(contact.get("client").asText()).isEqualTo("Shopbridge");
        String user = contact.get("LastModifiedById").asText();
        salesforce.editAsUser("Contact", contact.get("Id").asText(), Json.object().put("LastName", "B"));
        contact = salesforce.records("Contact").get(0);
        assertThat(contact.get("client").isNull()).isTrue();
        assertThat(contact.get("LastModifiedById").asText()).isNotEqualTo(user);
    }

    @Test
    void theDailyLimitIsShownAndKept() throws IOException {
        restart(Options.defaults().withRequestsPerPeriod(2), ORG);
        assertThat(http.get(DATA + "/limits").header("Sforce-Limit-Info")).isEqualTo("api-usage=1/2");
        http.get(DATA + "/limits");
        Http.Reply reply = http.get(DATA + "/limits");
        assertThat(reply.status()).isEqualTo(403);
        assertThat(error(reply)).isEqualTo("REQUEST_LIMIT_EXCEEDED");
    }

    @Test
    void twoRequestsThatWriteChildrenOfOneAccountCollide() throws Exception {
        restart(Options.defaults(), ORG.withLocks(Duration.ofMillis(500), Duration.ofMillis(20)));
        String account = create("Account", "'Name':'Shop'");
        String free = create("Account", "'Name':'Other'");
        Http second = new Http(salesforce.baseUrl(), Options.DEFAULT_TOKEN);
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> {
            try {
                return contact("'LastName':'A','AccountId':'" + account + "'");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(Duration.ofSeconds(5)).until(() -> salesforce.records("Contact").size() == 1);
        JsonNode rows = second.post(DATA + "/composite/sobjects", "{'records':[{'attributes':{'type':'Contact'},"
                + "'LastName':'B','AccountId':'" + account + "'},{'attributes':{'type':'Contact'},'LastName':'C',"
                + "'AccountId':'" + free + "'}]}").body();
        assertThat(codes(rows)).containsExactly("UNABLE_TO_LOCK_ROW", "");
        assertThat(first.get()).startsWith("003");
        assertThat(contact("'LastName':'D','AccountId':'" + account + "'")).startsWith("003");
    }

    @Test
    void compositeRequestsReferToEarlierAnswersAndAreUndoneTogether() throws IOException {
        String first = "{'method':'POST','url':'" + DATA + "/sobjects/Account','referenceId':'a',"
                + "'body':{'Name':'Shop'}}";
        String good = "{'method':'POST','url':'" + DATA + "/sobjects/Contact','referenceId':'c',"
                + "'body':{'LastName':'A','AccountId':'@{a.id}'}}";
        String bad = good.replace("LastName", "FirstName");
        JsonNode done = http.post(DATA + "/composite", "{'allOrNone':true,'compositeRequest':[" + first + "," + good
                + "]}").body();
        assertThat(done.at("/compositeResponse/1/httpStatusCode").asInt()).isEqualTo(201);
        assertThat(salesforce.records("Contact").get(0).get("AccountId"))
                .isEqualTo(done.at("/compositeResponse/0/body/id"));
        JsonNode undone = http.post(DATA + "/composite/graph", "{'graphs':[{'graphId':'1','compositeRequest':[" + first
                + "," + bad + "]}]}").body();
        assertThat(undone.at("/graphs/0/isSuccessful").asBoolean(true)).isFalse();
        assertThat(undone.at("/graphs/0/graphResponse/compositeResponse/0/body/0/errorCode").asText())
                .isEqualTo("PROCESSING_HALTED");
        assertThat(salesforce.records("Account")).hasSize(1);
    }

    @Test
    void aBulkJobSortsItsRowsIntoGoodAndBad() throws Exception {
        String account = create("Account", "'Name':'Shop','Shopbridge_Key__c':'main:1'");
        JsonNode job = http.post(DATA + "/jobs/ingest", "{'object':'Contact','operation':'upsert',"
                + "'externalIdFieldName':'Shopbridge_Key__c','contentType':'CSV','lineEnding':'LF'}").body();
        assertThat(job.get("state").asText()).isEqualTo("Open");
        String path = DATA + "/jobs/ingest/" + job.get("id").asText();
        assertThat(csv("PUT", path + "/batches", "Shopbridge_Key__c,LastName,Description,Account.Shopbridge_Key__c\n"
                + "main:7,\"King, \"\"Ada\"\"\",\"two\nlines\",main:1\nmain:8,,#N/A,\n").statusCode()).isEqualTo(201);
        assertThat(http.send("PATCH", path, "{'state':'UploadComplete'}").body().get("state").asText())
                .isEqualTo("UploadComplete");
        assertThat(http.get(path).body().get("state").asText()).isEqualTo("InProgress");
        JsonNode done = http.get(path).body();
        assertThat(done.get("state").asText()).isEqualTo("JobComplete");
        assertThat(done.get("numberRecordsProcessed").asInt()).isEqualTo(2);
        assertThat(done.get("numberRecordsFailed").asInt()).isEqualTo(1);
        assertThat(csv("GET", path + "/successfulResults", null).body()).startsWith("\"sf__Id\",\"sf__Created\"")
                .contains("\"true\",\"main:7\"");
        assertThat(csv("GET", path + "/failedResults", null).body()).contains("REQUIRED_FIELD_MISSING", "main:8");
        JsonNode contact = salesforce.records("Contact").get(0);
        assertThat(contact.get("LastName").asText()).isEqualTo("King, \"Ada\"");
        assertThat(contact.get("AccountId").asText()).isEqualTo(account);
        assertThat(error(http.send("PATCH", path, "{'state':'Aborted'}"))).isEqualTo("INVALIDJOBSTATE");
    }

    @Test
    void aBulkJobWithAnUnknownColumnFails() throws Exception {
        JsonNode job = http.post(DATA + "/jobs/ingest", "{'object':'Contact','operation':'insert'}").body();
        String path = DATA + "/jobs/ingest/" + job.get("id").asText();
        csv("PUT", path + "/batches", "LastName,Shoe\nA,5\n");
        http.send("PATCH", path, "{'state':'UploadComplete'}");
        http.get(path);
        assertThat(http.get(path).body().get("state").asText()).isEqualTo("Failed");
        assertThat(salesforce.records("Contact")).isEmpty();
    }

    @Test
    void changedAndDeletedIdsAreListed() throws IOException {
        String id = contact("'LastName':'A'");
        String gone = contact("'LastName':'B'");
        http.send("DELETE", DATA + "/sobjects/Contact/" + gone, null);
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        String window = "?start=" + Instant.parse(now).minusSeconds(600) + "&end="
                + Instant.parse(now).plusSeconds(60);
        assertThat(http.get(DATA + "/sobjects/Contact/updated" + window).body().at("/ids/0").asText()).isEqualTo(id);
        assertThat(http.get(DATA + "/sobjects/Contact/deleted" + window).body().at("/deletedRecords/0/id").asText())
                .isEqualTo(gone);
        assertThat(error(http.get(DATA + "/sobjects/Contact/deleted?start=2026-01-01T00:00:00Z&end=" + now)))
                .isEqualTo("INVALID_REPLICATION_DATE");
    }

    @Test
    void faultsAreAnsweredInSalesforcesWords() throws IOException {
        salesforce.faults().answer(503, 3, 1);
        Http.Reply reply = http.get(DATA + "/limits");
        assertThat(reply.header("Retry-After")).isEqualTo("3");
        assertThat(error(reply)).isEqualTo("SERVER_UNAVAILABLE");
        salesforce.faults().loseAnswers(1);
        assertThatThrownBy(() -> contact("'LastName':'A'")).isInstanceOf(IOException.class);
        assertThat(salesforce.records("Contact")).hasSize(1);
        assertThat(salesforce.calls()).containsEntry("POST " + DATA + "/sobjects/Contact", 1L);
    }

    @Test
    void recordsOutliveARestart(@TempDir Path dir) throws IOException {
        Options options = Options.defaults().withJournal(dir.resolve("salesforce.jsonl"));
        restart(options, ORG);
        String id = contact("'LastName':'A','Shopbridge_Key__c':'main:1'");
        restart(options, ORG);
        assertThat(http.get(DATA + "/sobjects/Contact/Shopbridge_Key__c/main:1").body().get("Id").asText())
                .isEqualTo(id);
        salesforce.clear();
        assertThat(salesforce.records("Contact")).isEmpty();
        assertThat(salesforce.records("Pricebook2")).hasSize(1);
    }

    private Http.Reply upsert(String... rows) throws IOException {
        List<String> all = new ArrayList<>();
        for (String row : rows) {
            all.add("{'attributes':{'type':'Contact'}," + row.substring(1));
        }
        return http.send("PATCH", CONTACTS, "{'allOrNone':false,'records':[" + String.join(",", all) + "]}");
    }

    private String contact(String fields) throws IOException {
        return create("Contact", fields);
    }

    private String create(String object, String fields) throws IOException {
        Http.Reply reply = http.post(DATA + "/sobjects/" + object, "{" + fields + "}");
        assertThat(reply.status()).as(String.valueOf(reply.body())).isEqualTo(201);
        return reply.body().get("id").asText();
    }

    private JsonNode query(String soql) throws IOException {
        return http.get(DATA + "/query?q=" + encoded(soql)).body();
    }

    private String refusal(String soql) throws IOException {
        return query(soql).at("/0/errorCode").asText();
    }

    private List<String> names(String soql) throws IOException {
        return query(soql).get("records").findValuesAsText("Name");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String error(Http.Reply reply) {
        return reply.body().at("/0/errorCode").asText();
    }

    private static List<String> codes(JsonNode rows) {
        List<String> codes = new ArrayList<>();
        rows.forEach(row -> codes.add(row.at("/errors/0/statusCode").asText("")));
        return codes;
    }

    private static JsonNode named(JsonNode fields, String name) {
        for (JsonNode field : fields) {
            if (field.get("name").asText().equals(name)) {
                return field;
            }
        }
        throw new AssertionError("no field " + name);
    }

    private JsonNode form(String body) throws Exception {
        return Json.MAPPER.readTree(send("POST", "/services/oauth2/token", body, "application/x-www-form-urlencoded")
                .body());
    }

    private JsonNode assertion(PrivateKey signer, String claims) throws Exception {
        String signed = part("{'alg':'RS256'}") + "." + part(claims);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(signer);
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return form("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + signed + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign()));
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD).start()
                .waitFor()).isZero();
    }

    private HttpResponse<String> csv(String method, String path, String body) throws Exception {
        return send(method, path, body, "text/csv; charset=UTF-8");
    }

    private HttpResponse<String> send(String method, String path, String body, String type) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(salesforce.baseUrl() + path))
                .header("Authorization", "Bearer " + Options.DEFAULT_TOKEN).header("Content-Type", type)
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private void restart(Options options, Org org) {
        if (salesforce != null) {
            salesforce.close();
        }
        salesforce = SimulatedSalesforce.start(0, options, org);
        http = new Http(salesforce.baseUrl(), Options.DEFAULT_TOKEN);
    }
}
