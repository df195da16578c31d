package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "conflicts", description = "Fields that both Shopify and the CRM had changed, and whose value was kept")
class ConflictsApi {

    private final FieldConflicts conflicts;
    private final KnownNames names;

    ConflictsApi(FieldConflicts conflicts, KnownNames names) {
        this.names = names;
        this.conflicts = conflicts;
    }

    @GetMapping("/api/v1/conflicts")
    @Operation(summary = "Lists conflicts, newest first; hashes and times, never values")
    Page<FieldConflict> conflicts(@ParameterObject ConflictQuery query, HttpServletRequest request) {
        Parameters.check(request, ConflictQuery.NAMES);
        names.check(query.store(), query.crm());
        return conflicts.find(query);
    }
}
