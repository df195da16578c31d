package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.shopbridge.map.Mappings;
import io.shopbridge.map.Values;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the shipped crm.yaml files make of answers that are about single records. */
class AnswersOfWritesTest {

    private static final Path FOLDER = Path.of("mappings");
    private static final Mappings MAPPINGS = Mappings.load(FOLDER);

    @Test
    void oneErrorOfHubSpotIsAboutAllTheRecordsThatItNames() {
        assertThat(results("hubspot", "contacts", """
                {"results": [{"id": "3", "objectWriteTraceId": "0"}], "errors": [
                  {"category": "OBJECT_NOT_FOUND", "message": "Could not get some", "context": {"ids": ["1", "2"]}},
                  {"category": "VALIDATION_ERROR", "message": "No", "context": {"objectWriteTraceId": ["3", "4"]}},
                  {"category": "VALIDATION_ERROR", "message": "Nobody's"}]}"""))
                .extracting(CrmResult::id, CrmResult::trace, CrmResult::means).containsExactly(
                        tuple("3", "0", null),
                        tuple("1", null, Meaning.GONE),
                        tuple("2", null, Meaning.GONE),
                        tuple(null, "3", Meaning.REFUSED),
                        tuple(null, "4", Meaning.REFUSED),
                        tuple(null, null, Meaning.REFUSED));
    }

    @Test
    void anIdInAMessageOfSalesforcesIsTheOneThatItsAnswersHave() {
        assertThat(results("salesforce", "Contact", """
                [{"success": false, "errors": [{"statusCode": "DUPLICATE_VALUE", "fields": [], "message":
                   "duplicate value found: Email__c duplicates value on record with id: 0031T00004Dj9XY"}]}]"""))
                .singleElement().satisfies(result -> assertThat(result.existing()).isEqualTo("0031T00004Dj9XYQAZ"));
    }

    @Test
    void aPlaceThatSalesforceDoesNotKnowIsToldByItsCode() {
        assertThat(results("salesforce", "Contact", """
                [{"success": false, "errors": [{"statusCode": "FIELD_INTEGRITY_EXCEPTION", "fields": ["MailingStateCode"],
                   "message": "There's a problem with this state"}]}]"""))
                .singleElement().satisfies(result -> assertThat(result.fields()).contains("MailingState"));
    }

    @Test
    void whatHubSpotRequiresIsNamed() {
        assertThat(CrmDefinition.read(FOLDER, "hubspot").answers().stream().filter(answer -> answer.status().equals("4xx"))
                .map(answer -> RestCrm.text(answer.because(), Values.parse("""
                        {"message": "Error creating CONTACT. Some required properties were not set.",
                         "context": {"properties": ["region", "tier"]}}""")))).containsExactly(
                                "Error creating CONTACT. Some required properties were not set. (region, tier)");
    }

    private static List<CrmResult> results(String folder, String object, String answer) {
        Crm crm = Crm.ofFolder(FOLDER, folder, MAPPINGS);
        CrmWrite any = new CrmWrite("1", null, null, "1", null, null, Map.of());
        return crm.operations().gives(CrmCall.write(crm, Operation.UPDATE, object, null, List.of(any)),
                Values.parse(answer)).stream().map(CrmResult::of).toList();
    }
}
