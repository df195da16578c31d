package io.shopbridge.docs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A Markdown table; empty columns are left out. */
final class Table {

    private final List<String> head;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        this.head = List.of(head);
    }

    void row(String... cells) {
        rows.add(Arrays.stream(cells).map(cell -> cell == null ? "" : cell.replace("|", "\\|")).toList());
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    String text() {
        List<Integer> columns = new ArrayList<>();
        for (int i = 0; i < head.size(); i++) {
            int column = i;
            if (rows.stream().anyMatch(row -> !row.get(column).isEmpty())) {
                columns.add(i);
            }
        }
        StringBuilder text = new StringBuilder(line(columns, head)).append("| --- ".repeat(columns.size()))
                .append("|\n");
        rows.forEach(row -> text.append(line(columns, row)));
        return text.append('\n').toString();
    }

    /** The text as code; empty where it is. */
    static String code(String text) {
        String flat = text.strip().replaceAll("\\s+", " ");
        String ticks = flat.contains("`") ? "``" : "`";
        return flat.isEmpty() ? "" : ticks + flat + ticks;
    }

    private static String line(List<Integer> columns, List<String> row) {
        return columns.stream().map(row::get).collect(Collectors.joining(" | ", "| ", " |\n"));
    }
}
