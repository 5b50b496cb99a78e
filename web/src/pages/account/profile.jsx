// SPDX-License-Identifier: Apache-2.0
import { useSession } from "../../session.js";
import { Card, Facts, Page } from "../../ui/index.js";

export default function Profile() {
  const { user, org } = useSession();
  return (
    <Page title="Profile" narrow>
      <Card title="You">
        <Facts items={[["Name", user.name], ["E-mail", user.email], ["Role", user.role_name], ["Organization", org.name]]} />
      </Card>
    </Page>
  );
}
