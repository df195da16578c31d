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

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
