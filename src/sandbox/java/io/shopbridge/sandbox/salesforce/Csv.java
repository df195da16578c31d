package io.shopbridge.sandbox.salesforce;

import java.util.ArrayList;
import java.util.List;

/** CSV as Bulk API 2.0 reads and writes it: quotes doubled inside quotes, line ends inside quotes kept. */
final class Csv {

    private Csv() {
    }

    static List<List<String>> read(String text, char delimiter) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c != '"') {
                    cell.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && cell.isEmpty()) {
                quoted = true;
            } else if (c == delimiter) {
                row.add(cell.toString());
                cell.setLength(0);
            } else if (c == '\n') {
                row.add(cell.toString());
                cell.setLength(0);
                rows.add(row);
                row = new ArrayList<>();
            } else if (c != '\r') {
                cell.append(c);
            }
        }
        if (!cell.isEmpty() || !row.isEmpty()) {
            row.add(cell.toString());
            rows.add(row);
        }
        rows.removeIf(one -> one.size() == 1 && one.get(0).isEmpty());
        return rows;
    }

    static void write(StringBuilder into, List<String> row, char delimiter) {
        for (int i = 0; i < row.size(); i++) {
            into.append(i == 0 ? "" : delimiter).append('"').append(row.get(i).replace("\"", "\"\"")).append('"');
        }
        into.append('\n');
    }
}
