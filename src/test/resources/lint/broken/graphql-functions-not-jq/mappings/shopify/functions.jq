def plain_id: split("/" | last;
