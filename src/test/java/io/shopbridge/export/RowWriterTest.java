package io.shopbridge.export;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowWriterTest {

    /** Excel with a semicolon or a tab for its separator begins a new cell there, also within quotes. */
    @ParameterizedTest
    @ValueSource(strings = {
        "Anna;^=HYPERLINK(\"http://x\")", "x\n^=1+1", "x\r^@SUM(A1)", "x\r\n^+1+1", "a,^-1+1", "a| ^=1", "a;\"^=1+1;",
        "a;\u00A0^=1", "a;^\uFF1D1", "a;^\uFF0B1", "a;^\uFF201", "a;^\uFF0D1+1", "a;-3;^=1", ";;^=1", "^=1;^=2",
        "^\t^=1", "^ =1", "^-2 years, vip", "vip, ^-2 years", "^\uFF1D1"})
    void whatBecomesAFormulaAnywhereInACellGetsAnApostrophe(String marked) {
        assertThat(RowWriter.Csv.safe(marked.replace("^", ""))).isEqualTo(marked.replace('^', '\''));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-3.00", "+16135550142", "1, -3.00, 5", "call +16135550142, +4912345", "a;-3", "3.00;+4\n-1",
        "Anna; Bert", "1+1=2", "a - b", "O'Neil, Jr", "anna@example.com, bert@example.com"})
    void numbersPhoneNumbersAndOtherTextsStay(String text) {
        assertThat(RowWriter.Csv.safe(text)).isEqualTo(text);
    }
}
