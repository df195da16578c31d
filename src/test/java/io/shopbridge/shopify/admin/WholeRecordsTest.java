package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Records of which an answer has only a part, and shops that do not stand still meanwhile. */
class WholeRecordsTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final String ID = "gid://shopify/Order/1";
    private final List<String> asked = new ArrayList<>();

    @Test
    void aWholeRecordCostsNoQuery() {
        JsonNode order = order("09:00", "null", false, 1, 33);

        assertThat(whole(order, (query, variables) -> null)).contains(order);
        assertThat(asked).isEmpty();
    }

    @Test
    void pagesAreReadToTheEnd() {
        assertThat(whole(order("09:00", "\"33\"", true, 1, 33), (query, variables) -> {
            int from = variables.path("after").asInt() + 1;
            return page("09:00", from + 249, from + 249 < 600, from, Math.min(from + 249, 600));
        })).hasValueSatisfying(order -> assertThat(lines(order)).containsExactlyElementsOf(numbers(1, 600)));
        assertThat(asked).containsExactly("Order lineItems", "Order lineItems", "Order lineItems");
    }

    /** Otherwise a poll with another length of a page would find a change. */
    @Test
    void aRecordIsTheSameInHoweverManyPagesItCame() {
        JsonNode inOne = whole(order("09:00", "\"70\"", false, 1, 70), (query, variables) -> null).orElseThrow();
        JsonNode inTwo = whole(order("09:00", "\"33\"", true, 1, 33),
                (query, variables) -> page("09:00", 70, false, 34, 70)).orElseThrow();

        assertThat(inTwo).isEqualTo(inOne);
    }

    @Test
    void whatIsInsideOfAPartIsPagedToo() throws IOException {
        ObjectNode order = (ObjectNode) order("09:00", "null", false, 1, 1);
        order.putArray("refunds").add(Json.read("""
                {"id": "gid://shopify/Refund/7", "refundLineItems": {"pageInfo": {"hasNextPage": true, "endCursor": "2"},
                 "nodes": [{"id": "gid://shopify/RefundLineItem/1"}, {"id": "gid://shopify/RefundLineItem/2"}]}}"""
                .getBytes(StandardCharsets.UTF_8)));

        JsonNode whole = whole(order, (query, variables) -> {
            assertThat(variables.path("owner").asText()).isEqualTo("gid://shopify/Refund/7");
            assertThat(query.text()).contains("on Refund", "refundLineItems(first:250,after:$after)");
            return json("""
                    {"data": {"record": {"updatedAt": "2026-11-01T09:00:00Z"}, "owner": {"refundLineItems": {"pageInfo":
                     {"hasNextPage": false}, "nodes": [{"id": "gid://shopify/RefundLineItem/3"}]}}}}""");
        }).orElseThrow();

        assertThat(whole.at("/refunds/0/refundLineItems/nodes")).hasSize(3);
    }

    @Test
    void aRecordThatChangesBetweenPagesIsReadAgain() {
        JsonNode whole = whole(order("09:00", "\"33\"", true, 1, 33), (query, variables) ->
                query.name().equals("Order again") ? answer("record", order("09:01", "\"33\"", true, 2, 34))
                        : page("09:01", 70, false, 35, 70)).orElseThrow();

        assertThat(lines(whole)).containsExactlyElementsOf(numbers(2, 70));
        assertThat(whole.path("updatedAt").asText()).isEqualTo("2026-11-01T09:01:00Z");
        assertThat(asked).containsExactly("Order lineItems", "Order again", "Order lineItems");
    }

    @Test
    void aRecordThatWasDeletedBetweenPagesIsGone() {
        assertThat(whole(order("09:00", "\"33\"", true, 1, 33), (query, variables) ->
                query.name().equals("Order again") ? json("{\"data\": {\"record\": null, \"shop\": {}}}")
                        : json("{\"data\": {\"record\": null, \"owner\": null}}"))).isEmpty();
    }

    @Test
    void aRecordThatNeverStandsStillIsRejectedAlone() {
        int[] minute = {10};
        JsonNode never = whole(order("09:00", "\"33\"", true, 1, 33), (query, variables) ->
                query.name().equals("Order again") ? answer("record", order("09:" + minute[0]++, "\"33\"", true, 1, 33))
                        : page("09:" + minute[0]++, 70, false, 34, 70)).orElseThrow();

        assertThat(asked).hasSize(6);
        assertRejected(never, "it changed 3 times while its pages were asked for");
    }

    @Test
    void aCursorThatDoesNotMoveIsNoEndlessLoop() {
        JsonNode stuck = whole(order("09:00", "\"33\"", true, 1, 33),
                (query, variables) -> page("09:00", 33, true, 34, 35)).orElseThrow();

        assertThat(asked).hasSize(1);
        assertRejected(stuck, "Shopify gives the same page again");
        assertRejected(whole(order("09:00", "null", true, 1, 33), (query, variables) -> null).orElseThrow(),
                "Shopify does not say where its next page begins");
    }

    @Test
    void aRecordBeyondMeasureIsRejectedAlone() {
        JsonNode endless = whole(order("09:00", "\"0\"", true, 1, 33), (query, variables) -> {
            int from = variables.path("after").asInt() + 1;
            return page("09:00", from + 249, true, from, from + 249);
        }).orElseThrow();

        assertThat(asked).hasSize(21);
        assertRejected(endless, "it has more than 5000 parts or 8 MB, which is too much for one record");
    }

    /** It may be that nothing on the first page has what is denied. */
    @Test
    void whatIsDeniedOfAPageIsSaidOfTheRecord() {
        JsonNode whole = whole(order("09:00", "\"33\"", true, 1, 33), (query, variables) -> {
            ObjectNode page = (ObjectNode) page("09:00", 34, false, 34, 34);
            ((ObjectNode) page.at("/data/owner/lineItems/nodes/0")).putNull("product");
            return page.set("errors", json("""
                    [{"message": "Access denied for product field.", "path": ["owner", "lineItems", "nodes", 0, "product"],
                      "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_products` access scope."}}]"""));
        }).orElseThrow();

        assertThat(ApiAnswer.denied(whole)).containsExactly("lineItems.product");
    }

    @Test
    void aPageThatIsDeniedIsNotTakenForTheEnd() {
        assertThatThrownBy(() -> whole(order("09:00", "\"33\"", true, 1, 33), (query, variables) -> json("""
                {"data": {"record": {"updatedAt": "2026-11-01T09:00:00Z"}, "owner": null}, "errors": [
                  {"message": "Access denied for node field.", "path": ["owner"], "extensions":
                   {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders` access scope."}}]}""")))
                .isInstanceOf(AdminDenied.class).hasMessageContaining("read_orders");
    }

    @Test
    void aShopThatCantBeAskedNowIsAskedLater() {
        assertThatThrownBy(() -> whole(order("09:00", "\"33\"", true, 1, 33), (query, variables) -> json("""
                {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}""")))
                .isInstanceOf(AdminBusy.class);
    }

    private Optional<JsonNode> whole(JsonNode order, BiFunction<GraphqlQuery, ObjectNode, JsonNode> shop) {
        return DirectAdminApi.whole(SHOPIFY, order, (query, variables) -> {
            asked.add(query.name());
            assertThat(variables.path("record").asText()).isEqualTo(ID);
            return shop.apply(query, variables);
        });
    }

    /** Though it has all other fields. */
    private static void assertRejected(JsonNode order, String because) {
        try {
            ObjectNode all = (ObjectNode) Json.read(Files.readAllBytes(
                    Path.of("mappings/shopify/samples/order-answer.json"))).at("/data/order");
            all.setAll((ObjectNode) order);
            Instant now = Instant.now();
            assertThatThrownBy(() -> Topics.ofNoInstallation(SHOPIFY, "US").receive(
                    new ReceivedEvent(0, "main", ApiAnswer.topic("order"), now, now, Json.write(all))))
                    .isInstanceOf(UnreadablePayload.class).hasMessageContaining("a list has more pages than this one: "
                            + because);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode order(String time, String endCursor, boolean hasNextPage, int from, int to) {
        return json("""
                {"__typename": "Order", "id": "%s", "updatedAt": "2026-11-01T%s:00Z", "lineItems": %s}"""
                .formatted(ID, time, connection(endCursor, hasNextPage, from, to)));
    }

    private static JsonNode page(String time, int endCursor, boolean hasNextPage, int from, int to) {
        return json("""
                {"data": {"record": {"updatedAt": "2026-11-01T%s:00Z"}, "owner": {"lineItems": %s}}}"""
                .formatted(time, connection("\"" + endCursor + "\"", hasNextPage, from, to)));
    }

    private static JsonNode answer(String name, JsonNode value) {
        ObjectNode answer = (ObjectNode) json("{\"data\": {}}");
        ((ObjectNode) answer.get("data")).set(name, value);
        return answer;
    }

    private static String connection(String endCursor, boolean hasNextPage, int from, int to) {
        ArrayNode nodes = (ArrayNode) json("[]");
        numbers(from, to).forEach(number -> nodes.addObject().put("id", "gid://shopify/LineItem/" + number));
        return "{\"pageInfo\": {\"hasNextPage\": " + hasNextPage + ", \"endCursor\": " + endCursor + "}, \"nodes\": "
                + nodes + "}";
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    private static List<Integer> lines(JsonNode order) {
        List<Integer> lines = new ArrayList<>();
        order.at("/lineItems/nodes").forEach(line -> lines.add(Integer.valueOf(
                line.path("id").asText().replaceAll("\\D", ""))));
        return lines;
    }

    private static JsonNode json(String text) {
        try {
            return Json.read(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
