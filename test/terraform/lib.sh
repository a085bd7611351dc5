# Where the tools are, and how terraform is called without a network. Sourced by the scripts here.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stunner-serverless
. "$root/test/terraform/versions.env"
terraform=$cache/terraform-$TERRAFORM/terraform
tflint=$cache/tflint-$TFLINT/tflint
checkov=$cache/checkov-$CHECKOV/bin/checkov

# offline DIRECTORY: lets terraform find providers in the cache alone. What it says goes into DIRECTORY.
offline() {
  export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0 TF_CLI_CONFIG_FILE=$1/terraformrc
  cat > "$1/terraformrc" << END
provider_installation {
  filesystem_mirror {
    path = "$cache/terraform-providers"
  }
}
END
}
