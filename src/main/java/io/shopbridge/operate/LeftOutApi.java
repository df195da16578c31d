package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "left-out", description = "Records that were delivered without a field whose value was refused")
class LeftOutApi {

    private final LeftOutRecords records;
    private final KnownNames names;

    LeftOutApi(LeftOutRecords records, KnownNames names) {
        this.names = names;
        this.records = records;
    }

    @GetMapping("/api/v1/left-out")
    @Operation(summary = "Lists them, newest first; a record leaves the list when the CRM has all its fields")
    Page<LeftOutRecord> records(@ParameterObject LeftOutQuery query, HttpServletRequest request) {
        Parameters.check(request, LeftOutQuery.NAMES);
        names.check(query.store(), query.crm());
        return records.find(query);
    }
}
