//! Whether data are as a schema says: the subset of JSON Schema that the description is made of, and no more.

use serde_json::Value;

/// What is wrong with a value, if anything; `root` is what references begin at.
pub(super) fn fault(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    let members = schema.as_object().unwrap();
    for (keyword, says) in members {
        let fits = match keyword.as_str() {
            "$ref" => {
                let pointer = says.as_str().unwrap().strip_prefix('#').unwrap();
                let schema = root.pointer(pointer).expect("what is referred to is there");
                if let Some(fault) = fault(root, schema, value) {
                    return Some(fault);
                }
                true
            }
            "type" => is_of_type(says.as_str().unwrap(), value),
            "const" => says == value,
            "enum" => says.as_array().unwrap().contains(value),
            "minimum" => value.as_u64() >= says.as_u64(),
            "format" => says != "date-time" || is_time(value),
            "anyOf" => {
                let mut schemas = says.as_array().unwrap().iter();
                schemas.any(|schema| fault(root, schema, value).is_none())
            }
            "items" => {
                let mut items = value.as_array().into_iter().flatten();
                if let Some(fault) = items.find_map(|item| fault(root, says, item)) {
                    return Some(fault);
                }
                true
            }
            "required" => {
                let mut names = says.as_array().unwrap().iter();
                let has = |name: &Value| value.get(name.as_str().unwrap()).is_some();
                !value.is_object() || names.all(has)
            }
            "properties" => {
                let known = says.as_object().unwrap();
                for (name, value) in value.as_object().into_iter().flatten() {
                    let Some(schema) = known.get(name) else {
                        return Some(format!("{name} is one too many"));
                    };
                    if let Some(fault) = fault(root, schema, value) {
                        return Some(format!("{name}: {fault}"));
                    }
                }
                true
            }
            // With false, the properties are all that there is.
            "additionalProperties" if says == false => true,
            "additionalProperties" => {
                let mut members = value.as_object().into_iter().flatten();
                members.all(|(_, value)| fault(root, says, value).is_none())
            }
            "description" => true,
            other => panic!("the schemas are not to use {other}"),
        };
        if !fits {
            return Some(format!("{keyword} {says} does not hold of {value}"));
        }
    }
    None
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

fn is_time(value: &Value) -> bool {
    let time = value.as_str();
    time.is_some_and(|time| causette_proto::Timestamp::parse(time).is_some())
}
