package io.shopbridge.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class PlanTextTest {

    @Test
    void itSaysWhatWouldBeWrittenAndWhy() throws JsonProcessingException {
        assertThat(text("""
                {"id": 3, "result": [{"crm": "hubspot", "entity": "customer", "looked_at": 150, "written": 135, "perhaps": 4,
                 "unchanged": 1, "refused": 9, "calls": 2, "seconds": 1,
                 "fields": {"shopify_tags": {"owner": "shopify", "written": 135, "perhaps": 0, "conflicts": 0, "examples":
                   [{"store": "main", "record": "customer/7", "before": null, "after": "vip"}]},
                  "phone": {"owner": "newest-wins", "written": 0, "perhaps": 4, "conflicts": 4, "examples": []}},
                 "refusals": {"source: \\"…\\" is not in tables/source.yaml": {"records": 9, "newly": 8, "examples":
                   [{"store": "main", "record": "customer/8", "before": null, "after": "source: \\"kiosk\\" is unknown"}]}}}]}""")
                .lines()).containsExactly("",
                "hubspot, customer: 150 looked at",
                "  135 written",
                "  4 written only if the CRM has certain values",
                "  1 unchanged",
                "  9 refused",
                "  shopify_tags: 135 records",
                "    customer/7: nothing → \"vip\"",
                "  phone: 0 records, 4 more if the CRM's value allows it (owner newest-wins), of which 4 may be conflicts: the"
                        + " later edit wins",
                "  refused because source: \"…\" is not in tables/source.yaml: 9 records, 8 of them newly",
                "    customer/8: source: \"kiosk\" is unknown",
                "  at most 2 calls, 1 s at the CRM's limits",
                "",
                "To bring it to the CRMs, start every instance with this folder, then: shopbridge apply --plan 3");
    }

    @Test
    void aKindThatIsNotMappedAnyMoreIsSaid() throws JsonProcessingException {
        assertThat(text("{\"id\": 3, \"result\": [{\"crm\": \"hubspot\", \"entity\": \"checkout\", \"unmapped\": true}]}"))
                .contains("hubspot, checkout: no mapping any more; what the CRM has stays as it is").doesNotContain("at most");
    }

    @Test
    void aSampleIsNotToBeApplied() throws JsonProcessingException {
        assertThat(text("{\"id\": 3, \"sample\": 100, \"result\": []}")).contains("No record").contains("without --sample")
                .doesNotContain("apply --plan");
    }

    private static String text(String json) throws JsonProcessingException {
        return PlanText.of(new ObjectMapper().readTree(json));
    }
}
