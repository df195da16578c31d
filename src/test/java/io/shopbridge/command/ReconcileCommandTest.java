package io.shopbridge.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class ReconcileCommandTest {

    @Test
    void theLineSaysWhatItDoesAndWhatIsInTheWay() {
        assertThat(ReconcileCommand.line(json("{'crm': 'mine', 'state': 'running', 'compared': 400, 'calls': 8,"
                + " 'at': 'linked records: order of main', 'because': 'Deliveries are due'}")))
                .isEqualTo("mine: running, 400 records compared by 8 calls, at linked records: order of main; Deliveries are"
                        + " due");
        assertThat(ReconcileCommand.line(json("{'crm': 'mine', 'state': 'running', 'paused': true}")))
                .startsWith("mine: paused, 0 records");
    }

    @Test
    void theReportSaysWhatDiffersWhatWasRepairedAndWhyTheRestWasNot() {
        assertThat(ReconcileCommand.report(json("{'id': 7, 'differences': ["
                + "{'entity': 'order', 'class': 'edited', 'field': 'total', 'found': 3, 'repaired': 3,"
                + " 'examples': ['main/order/5 -> 501']},"
                + "{'entity': 'customer', 'class': 'orphaned', 'found': 1, 'repaired': 0, 'because': 'Delete it there',"
                + " 'examples': []}]}"))).isEqualTo("  order: 3 edited in total, 3 repaired\n"
                + "    main/order/5 -> 501\n"
                + "  customer: 1 orphaned, 0 repaired. Delete it there\n"
                + "  The report: GET /api/v1/reconciliations/7/report");
        assertThat(ReconcileCommand.report(json("{'differences': []}"))).isEqualTo("  Nothing differs.");
        assertThat(ReconcileCommand.report(json("{'id': 7, 'dry_run': true, 'differences': [{'entity': 'order', 'class':"
                + " 'missing', 'found': 1, 'repaired': 1}]}"))).contains("1 would be repaired");
    }

    @Test
    void theReportSaysHowMuchOfTheWholeWasComparedAndHowOldTheOldestComparisonIs() {
        assertThat(ReconcileCommand.report(json("{'id': 7, 'checked': {'records': 3000, 'since_asked': 1999, 'never': 400,"
                + " 'oldest': '2026-11-01T01:23:00Z'}}"))).isEqualTo("  Nothing differs.\n"
                + "  Of about 3000 linked records, 1999 (66 percent) have been compared since it was asked for, and 400"
                + " never; the oldest comparison is of 2026-11-01T01:23:00Z\n"
                + "  The report: GET /api/v1/reconciliations/7/report");
        assertThat(ReconcileCommand.report(json("{'id': 7, 'checked': {'records': 3000, 'since_asked': 3000, 'never': 0,"
                + " 'oldest': '2026-11-01T01:23:00Z'}}"))).contains("3000 (100 percent) have been compared since it was"
                + " asked for; the oldest comparison is of 2026");
        assertThat(ReconcileCommand.report(json("{'checked': {'records': 0}}"))).isEqualTo("  Nothing differs.");
    }

    @Test
    void theReportSaysWhichContactsShareAnEmailOrAPhoneOrWhyNobodyKnows() {
        assertThat(ReconcileCommand.report(json("{'id': 7, 'listed': 400, 'duplicates': {'looked_at': true, 'shared': ["
                + "{'kind': 'email', 'groups': 0, 'contacts': 0},"
                + " {'kind': 'phone', 'groups': 3, 'same_name': 1, 'contacts': 9, 'growth': 2}],"
                + " 'advice': 'Merge them'}}"))).isEqualTo("  Nothing differs.\n"
                + "  None of 400 contacts share their email\n"
                + "  3 groups of contacts share their phone: 9 of 400 contacts; in 1 of these groups several have the same"
                + " name, +2 groups since the one before\n"
                + "  Merge them\n  The report: GET /api/v1/reconciliations/7/report");
        assertThat(ReconcileCommand.report(json("{'id': 7, 'duplicates': {'looked_at': false, 'because': 'It is off'}}")))
                .contains("  Contacts of the CRM that share an e-mail or phone: not looked at. It is off\n");
        assertThat(ReconcileCommand.line(json("{'crm': 'mine', 'state': 'running', 'compared': 4, 'listed': 9}")))
                .isEqualTo("mine: running, 4 records compared and 9 contacts listed by 0 calls");
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
