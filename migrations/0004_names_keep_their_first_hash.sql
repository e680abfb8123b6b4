-- After a change of HASH_KEY a name has a hash of the new key as well, which leads to the one it was first known by.
ALTER TABLE `customer_keys` ADD `first` text;