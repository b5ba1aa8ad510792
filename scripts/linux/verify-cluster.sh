# shellcheck shell=bash
# cluster-verified: the cluster is what the stack file asks for. Prints every check and its result as JSON.
# Pods of its own carry the traffic; their namespace is removed at the end, whatever happens. Nothing else is changed.
# Takes the time of starting the pods and some seconds; if something is wrong, seven minutes at most.

export KUBECONFIG=/etc/kubernetes/admin.conf
# shellcheck source=scripts/linux/checks.sh
. "$here/checks.sh"
# shellcheck source=scripts/linux/checks-of-nodes.sh
. "$here/checks-of-nodes.sh"
# shellcheck source=scripts/linux/checks-of-pods.sh
. "$here/checks-of-pods.sh"
# shellcheck source=scripts/linux/checks-of-traffic.sh
. "$here/checks-of-traffic.sh"

service_systems=(linux)
if [[ " ${node_systems[*]} " == *' windows '* ]]; then service_systems+=(windows); fi

# finish: takes away the pods and what the checks have noted. What the cluster does about its namespace takes some seconds
# more, for which nobody has to wait.
finish() {
  remove_pods --wait=false
  rm -rf "$checks_folder"
}

# One smoke test at a time, whoever runs it. The lock is on a file that is there anyway.
exec 8<"$KUBECONFIG"
flock --nonblock 8 || { say "another smoke test runs: waiting for it"; flock 8; }
await_api
trap finish EXIT
start_pods "${service_systems[@]}"
begin_checks_of_nodes
wait_for_pods
traffic_deadline=$((SECONDS + 60))
begin_checks_of_pods
begin_checks_of_traffic
begin_checks_of_names
print_results
