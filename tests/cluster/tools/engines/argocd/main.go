// Argo CD's main program with the two roles that roll out. All of them would bring the API server, the command line and the
// notifications along, with their clients of a dozen services.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/util/log"
)

func main() {
	klog.SetLogger(log.NewLogrusLogger(log.NewWithCurrentConfig()))
	var command *cobra.Command
	switch role := os.Getenv("ARGOCD_BINARY_NAME"); role {
	case common.CommandApplicationController:
		command = controller.NewCommand()
	case common.CommandRepoServer:
		command = reposerver.NewCommand()
	default:
		fmt.Fprintf(os.Stderr, "ARGOCD_BINARY_NAME=%s: this program is %s or %s\n",
			role, common.CommandApplicationController, common.CommandRepoServer)
		os.Exit(2)
	}
	if command.Execute() != nil {
		os.Exit(1)
	}
}
