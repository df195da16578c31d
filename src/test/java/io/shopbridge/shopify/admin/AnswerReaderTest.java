package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.shopbridge.map.Values;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each answer of the Admin API means. The bodies are as Shopify writes them. */
class AnswerReaderTest {

    private static final AdminCall CALL = new AdminCall("main", new GraphqlQuery("order-updated", "query …", false),
            JsonNodeFactory.instance.objectNode().put("query", "email:ada@example.com"), Priority.POLL);
    private final AnswerReader reader = new AnswerReader();

    @Test
    void anAnswerIsOfTheTimeThatShopifySays() {
        AdminAnswer answer = new AdminAnswer(JsonNodeFactory.instance.objectNode(), List.of());
        assertThat(answer.givenAt("Fri, 27 Nov 2026 05:52:55 GMT").at()).isEqualTo("2026-11-27T05:52:55Z");
        assertThat(answer.givenAt("yesterday")).isEqualTo(answer);
        assertThat(answer.givenAt(null)).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "401 | {\"errors\": \"[API] Invalid API key or access token (unrecognized login or wrong password)\"}"
                + " | AdminDenied | Install the app on the shop again",
        "403 | {\"errors\": \"This action requires merchant approval for read_orders scope.\"} | AdminDenied"
                + " | read_orders scope",
        "404 | {\"errors\": \"Not Found\"} | AdminDenied | Correct shopbridge.stores.main.admin",
        "402 | {\"errors\": \"Payment Required\"} | AdminLocked | frozen the shop of store \"main\"",
        "423 | {\"errors\": \"Locked\"} | AdminLocked | locked the shop of store \"main\"",
        "429 | {} | AdminBusy | asks to wait",
        "430 | {} | AdminBusy | for security reasons (430)",
        "400 | {\"errors\": {\"query\": \"Required parameter missing or invalid\"}} | AdminRefused | answered 400",
        "200 | {\"errors\": [{\"message\": \"Field 'nope' doesn't exist on type 'Order'\", \"extensions\": {\"code\":"
                + " \"undefinedField\"}}]} | AdminRefused | Field 'nope' doesn't exist",
        "200 | {\"errors\": [{\"message\": \"Query cost is 1723, which exceeds the single query max cost limit"
                + " (1000).\", \"extensions\": {\"code\": \"MAX_COST_EXCEEDED\", \"cost\": 1723}}]} | AdminRefused"
                + " | Query cost is 1723",
        "200 | {\"errors\": [{\"message\": \"Internal error\", \"extensions\": {\"code\": \"INTERNAL_SERVER_ERROR\"}}],"
                + " \"data\": {\"orders\": null, \"shop\": {}}} | AdminBusy | failed on order-updated",
        "200 | {\"errors\": [{\"message\": \"The shop is inactive\", \"extensions\": {\"code\": \"SHOP_INACTIVE\"}}]}"
                + " | AdminLocked | frozen the shop",
        "200 | {\"data\": null} | AdminBusy | something else than JSON with data",
        "200 | `` | AdminBusy | something else than JSON with data",
        "200 | {\"errors\": [{\"message\": \"Access denied for orders field.\", \"path\": [\"orders\"], \"extensions\":"
                + " {\"code\": \"ACCESS_DENIED\", \"requiredAccess\": \"`read_orders` access scope.\"}}], \"data\":"
                + " {\"orders\": null}} | AdminDenied | Access denied for orders field"})
    void eachAnswerHasItsTreatment(int status, String body, String kind, String words) {
        assertThatThrownBy(() -> reader.read(CALL, status, Values.parse(body))).isInstanceOf(AdminFailure.class)
                .hasMessageContaining(words).satisfies(e ->
                        assertThat(e.getClass().getSimpleName()).isEqualTo(kind));
    }

    @Test
    void whatIsDeniedOfAPartLeavesTheRest() {
        AdminAnswer answer = reader.read(CALL, 200, Values.parse("""
                {"data": {"orders": {"nodes": [{"id": "1", "customer": null}, {"id": "2", "customer": null}]}},
                 "errors": [
                   {"message": "Access denied for customer field.", "path": ["orders", "nodes", 0, "customer"],
                    "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_customers` access scope."}},
                   {"message": "Access denied for customer field.", "path": ["orders", "nodes", 1, "customer"],
                    "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_customers` access scope."}}]}"""));

        assertThat(answer.data().at("/orders/nodes/1/id").asText()).isEqualTo("2");
        assertThat(answer.denied()).containsExactly(
                new Denied("orders.nodes.customer", "`read_customers` access scope."));
        assertThat(answer.inside("orders.nodes")).containsExactly(
                new Denied("customer", "`read_customers` access scope."));
        assertThat(answer.outside("orders.nodes")).isEmpty();
        assertThat(answer.outside("orders.nodes.customer")).hasSize(1);
    }

    @Test
    void whatIsDeniedInsideOfAListIsNamedWithoutThePlaceInIt() {
        AdminAnswer answer = reader.read(CALL, 200, Values.parse("""
                {"data": {"orders": {"nodes": [{"id": "1"}]}}, "errors": [{"message": "Access denied for product field.",
                  "path": ["orders", "nodes", 0, "lineItems", "nodes", 7, "product"],
                  "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_products` access scope."}}]}"""));

        assertThat(answer.inside("orders.nodes")).containsExactly(
                new Denied("lineItems.product", "`read_products` access scope."));
    }

    /** Where a denied field can't be null, the record is: it must not be taken for one that was deleted. */
    @Test
    void aRecordThatIsDeniedIsNotOneThatIsGone() {
        AdminAnswer answer = reader.read(CALL, 200, Values.parse("""
                {"data": {"nodes": [null, {"id": "1", "customer": null}, null]}, "errors": [
                  {"message": "Access denied for customer field.", "path": ["nodes", 1, "customer"],
                   "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_customers` access scope."}}]}"""));
        assertThat(answer.deniedOf("main", "nodes")).extracting(Denied::path).containsExactly("customer");
        assertThat(ApiAnswer.denied(answer.data().at("/nodes/1"))).containsExactly("customer");

        AdminAnswer withoutOne = reader.read(CALL, 200, Values.parse("""
                {"data": {"nodes": [{"id": "1"}, null]}, "errors": [
                  {"message": "Access denied for lineItems field.", "path": ["nodes", 1, "lineItems"],
                   "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders` access scope."}}]}"""));
        assertThatThrownBy(() -> withoutOne.deniedOf("main", "nodes")).isInstanceOf(AdminDenied.class)
                .hasMessage("The app may not read nodes (needs `read_orders` access scope.) in the shop of store \"main\"."
                        + " Grant it, and let the merchant accept it; or take the field out of the fragment in"
                        + " mappings/shopify");
    }

    @Test
    void withoutWhatSaysWhichRecordItIsNothingIsSaid() {
        AdminAnswer answer = reader.read(CALL, 200, Values.parse("""
                {"data": {"orders": {"nodes": [{"id": "1", "updatedAt": null}]}}, "errors": [
                  {"message": "Access denied for updatedAt field.", "path": ["orders", "nodes", 0, "updatedAt"],
                   "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders` access scope."}}]}"""));
        assertThatThrownBy(() -> answer.deniedOf("main", "orders.nodes")).isInstanceOf(AdminDenied.class);
    }

    @Test
    void aThrottledQueryWaitsForThePointsThatAreMissing() {
        Instant now = Instant.now();
        assertThatThrownBy(() -> reader.read(CALL, 200, Values.parse("""
                {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                 "extensions": {"cost": {"requestedQueryCost": 749, "actualQueryCost": null, "throttleStatus":
                   {"maximumAvailable": 2000, "currentlyAvailable": 249, "restoreRate": 100}}}}""")))
                .asInstanceOf(InstanceOfAssertFactories.type(AdminBusy.class))
                .satisfies(busy -> assertThat(Duration.between(now, busy.getUntil()))
                        .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(7)));
    }

    /** A shop of a small plan has a small bucket: whoever asks for less gets an answer, and whoever waits never does. */
    @Test
    void aQueryThatCostsMoreThanTheBucketEverHoldsIsNotWaitedFor() {
        assertThatThrownBy(() -> reader.read(CALL, 200, Values.parse("""
                {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                 "extensions": {"cost": {"requestedQueryCost": 749, "actualQueryCost": null, "throttleStatus":
                   {"maximumAvailable": 500, "currentlyAvailable": 500, "restoreRate": 25}}}}""")))
                .hasMessageContaining("more points than the bucket of this shop")
                .asInstanceOf(InstanceOfAssertFactories.type(AdminRefused.class))
                .satisfies(refused -> assertThat(refused.isTooCostly()).isTrue());
    }

    /** What is asked for then is divided; where the shop only asks to wait, that would be of no use. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "200 | {\"errors\": [{\"message\": \"No\", \"extensions\": {\"code\": \"INTERNAL_SERVER_ERROR\"}}]} | true",
        "200 | {\"errors\": [{\"message\": \"No\", \"extensions\": {\"code\": \"TIMEOUT\"}}]} | true",
        "200 | {\"errors\": [{\"message\": \"No\", \"extensions\": {\"code\": \"THROTTLED\"}}]} | false",
        "429 | {} | false", "430 | {} | false"})
    void aFaultOfTheCallIsToldFromAShopThatAsksToWait(int status, String body, boolean onCall) {
        assertThatThrownBy(() -> reader.read(CALL, status, Values.parse(body)))
                .asInstanceOf(InstanceOfAssertFactories.type(AdminBusy.class))
                .satisfies(busy -> assertThat(busy.isOnCall()).isEqualTo(onCall));
    }

    /** It may have had its effect, unless Shopify refused it before. */
    @ParameterizedTest
    @CsvSource({"INTERNAL_SERVER_ERROR, true, false", "INTERNAL_SERVER_ERROR, false, true", "THROTTLED, true, true"})
    void aMutationIsRepeatedOnlyWhereItHadNoEffect(String code, boolean mutation, boolean repeated) {
        AdminCall call = new AdminCall("main", new GraphqlQuery("x", "…", mutation), CALL.variables(), Priority.POLL);
        assertThatThrownBy(() -> reader.read(call, 200, Values.parse("""
                {"errors": [{"message": "No", "extensions": {"code": "%s"}}]}""".formatted(code))))
                .asInstanceOf(InstanceOfAssertFactories.type(AdminBusy.class))
                .satisfies(busy -> assertThat(busy.isSoon()).isEqualTo(repeated));
    }

    @Test
    void noMessageHasTheValuesThatWereAskedWith() {
        assertThatThrownBy(() -> reader.read(CALL, 200, Values.parse("""
                {"errors": [{"message": "Invalid search email:ada@example.com", "extensions": {"code": "INVALID"}}]}""")))
                .isInstanceOf(AdminRefused.class).hasMessageContaining("Invalid search …");
    }
}
