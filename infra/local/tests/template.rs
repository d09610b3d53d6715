//! What template.yaml promises: nothing bills while idle, nobody may more than was declared, every
//! log ends, every setting that code reads is set. What SAM, cfn-lint and CloudFormation have to
//! say of it is checked by scripts/lib/test-documents.

#[cfg(test)]
#[path = "template/access_log.rs"]
mod access_log;
#[cfg(test)]
#[path = "template/promises.rs"]
mod promises;
