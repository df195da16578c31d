# gid://shopify/Customer/1 is "1".
def plain_id: split("/") | last;
