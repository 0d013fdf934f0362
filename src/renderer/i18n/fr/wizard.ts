/** French: the wizard of Setup. The labels of Entra's and Okta's own screens stay in English, as the page says. */
import type { wizard as english } from '../en/wizard.ts';
import type { Phrases } from '../phrases.ts';

export const wizard: Phrases<typeof english> = {
  'wizard.lead': 'De rien à une synchronisation qui fonctionne. Vous pouvez partir à toute étape et revenir.',
  'wizard.steps': 'Étapes',
  'wizard.done': '{{done}} sur {{all}} terminées',
  'wizard.state.done': 'Fait',
  'wizard.state.open': 'À faire',
  'wizard.state.trouble': 'Demande votre attention',
  'wizard.back': 'Retour',
  'wizard.next': 'Continuer : {{step}}',
  'wizard.step.sso': 'D’abord l’authentification unique',
  'wizard.step.steeple': 'L’adresse et le jeton de Steeple',
  'wizard.step.provider': 'Fournisseur d’identité',
  'wizard.step.screens': 'Les écrans du fournisseur',
  'wizard.step.communities': 'Communautés',
  'wizard.step.mode': 'Géré ou miroir',
  'wizard.step.links': 'Groupes et rôles',
  'wizard.step.handover': 'Passage de relais et activation',

  'wizard.sso.lead':
    'Steeple n’accepte l’approvisionnement que si l’authentification unique (SSO) est configurée, quel que soit le fournisseur. Cela passe donc avant tout le reste.',
  'wizard.sso.where': 'Où',
  'wizard.sso.whereIs': 'Dans Steeple : Administration > Intégrations > Installer, sur la carte de votre fournisseur.',
  'wizard.sso.who': 'Qui',
  'wizard.sso.whoIs':
    'Un administrateur de la communauté qui porte l’organisation. Les administrateurs des autres communautés ne voient pas Intégrations.',
  'wizard.sso.how': 'Comment',
  'wizard.sso.howIs':
    'Échangez les métadonnées SAML 2.0 entre Steeple et votre fournisseur, affectez-vous l’application, et connectez-vous une fois par là.',
  'wizard.sso.done': 'Le SSO est configuré : Steeple accepte les requêtes SCIM.',
  'wizard.sso.missing': 'Steeple indique que le SSO n’est pas configuré',
  'wizard.sso.again':
    'Configurez-le dans Steeple, puis testez de nouveau. Rien de ce que vous avez saisi ici n’est perdu.',
  'wizard.sso.unknown':
    'Le relais voit si le SSO est configuré quand il teste le jeton de Steeple, à l’étape suivante.',
  'wizard.test': 'Tester de nouveau',
  'wizard.testing': 'Question posée à Steeple…',

  'wizard.steeple.lead':
    'Steeple montre les deux sous Administration > Intégrations > Installer > Identification > Afficher. Okta les appelle Tenant URL et Secret Token.',
  'wizard.steeple.url': 'URL SCIM',
  'wizard.steeple.urlWhy':
    'Telle que Steeple la montre, chemin compris. Le relais envoie le jeton à cette adresse et à aucune autre.',
  'wizard.steeple.token': 'Jeton (Bearer Token)',
  'wizard.steeple.tokenWhy':
    'Un secret : ni messagerie, ni e-mail, ni ticket. Cette page l’oublie dès que le relais l’a reçu.',
  'wizard.steeple.tokenKept': 'Un jeton est conservé. Laissez vide pour le garder.',
  'wizard.steeple.reveal': 'Montrer la saisie',
  'wizard.steeple.save': 'Enregistrer et tester',
  'wizard.steeple.change': 'Changer l’adresse ou le jeton',
  'wizard.steeple.kept': 'Le jeton est conservé dans : {{store}}',
  'wizard.steeple.wouldKeep': 'Le jeton sera conservé dans : {{store}}',
  'wizard.kept.keychain': 'le trousseau de la machine du relais',
  'wizard.kept.systemd': 'un fichier scellé, avec une clé fournie par systemd',
  'wizard.kept.file': 'un fichier scellé, sa clé dans un fichier voisin que seul son propriétaire peut lire',
  'wizard.kept.fileWindows': 'un fichier scellé, sa clé dans un fichier voisin, aussi protégée que son dossier',
  'wizard.kept.why':
    'Il n’y a pas de trousseau là où fonctionne le relais : qui peut lire son dossier comme son propriétaire peut lire le jeton.',
  'wizard.test.title': 'Résultat du test',
  'wizard.test.fine': 'Steeple répond et accepte le jeton : {{users}} comptes et {{groups}} groupes s’y trouvent.',
  'wizard.test.do': 'Que faire',
  'wizard.test.said': 'Réponse reçue',
  'wizard.check.set': 'L’adresse et le jeton sont donnés',
  'wizard.check.connect': 'Le serveur répond',
  'wizard.check.tls': 'La connexion est sûre',
  'wizard.check.scim': 'SCIM répond à cette adresse',
  'wizard.check.token': 'Le jeton est accepté',
  'wizard.check.sso': 'L’authentification unique est configurée',
  'wizard.check.good': 'oui',
  'wizard.check.bad': 'non',
  'wizard.check.unknown': 'pas vérifié',
  'wizard.verdict.not-set': 'Il manque encore quelque chose',
  'wizard.verdict.cannot-connect': 'Steeple est injoignable',
  'wizard.verdict.tls': 'La connexion n’est pas sûre',
  'wizard.verdict.not-scim': 'Quelque chose répond là, mais ce n’est pas du SCIM',
  'wizard.verdict.token-refused': 'Steeple refuse le jeton',
  'wizard.verdict.sso-not-configured': 'Steeple demande d’abord le SSO',
  'wizard.verdict.fine': 'Tout fonctionne',

  'wizard.provider.lead':
    'Chaque fournisseur reçoit une adresse et un jeton à lui : on peut en renouveler ou en couper un sans toucher aux autres.',
  'wizard.provider.have': 'Vos fournisseurs',
  'wizard.provider.add': 'Ajouter un fournisseur',
  'wizard.provider.kind': 'Quel fournisseur',
  'wizard.provider.entra': 'Microsoft Entra ID',
  'wizard.provider.entraIs': 'Aussi appelé Azure AD. Envoie les changements toutes les 25 à 40 minutes.',
  'wizard.provider.okta': 'Okta',
  'wizard.provider.oktaIs': 'Envoie les changements presque aussitôt.',
  'wizard.provider.scim': 'Un autre client SCIM 2.0',
  'wizard.provider.scimIs': 'OneLogin, JumpCloud, Ping, authentik, ou un script à vous.',
  'wizard.provider.google': 'Google Workspace',
  'wizard.provider.googleIs':
    'SSO seulement. Steeple n’a pas d’approvisionnement SCIM pour Google Workspace : il ne peut donc pas servir de source. La connexion à Steeple par Google reste possible.',
  'wizard.provider.name': 'Nom',
  'wizard.provider.nameWhy': 'Comment ce fournisseur s’appelle sur chaque page, et dans le journal.',
  'wizard.provider.create': 'Créer l’adresse et le jeton',
  'wizard.provider.open': 'Ouvrir ses écrans',
  'wizard.provider.heard': 'entendu',
  'wizard.provider.never': 'pas encore entendu',
  'wizard.provider.holds': '{{users}} collaborateurs, {{groups}} groupes',
  'wizard.provider.revoked': 'Révoqué',

  'wizard.screens.lead':
    'À faire dans la console du fournisseur, dans cet ordre. Les libellés sont ceux de ses écrans en anglais.',
  'wizard.screens.none': 'Pas encore de fournisseur',
  'wizard.screens.noneWhy': 'Ajoutez-en un d’abord : il donne l’adresse et le jeton à coller ici.',
  'wizard.screens.toProvider': 'Ajouter un fournisseur',
  'wizard.screens.of': 'Fournisseur',
  'wizard.screens.optional': 'Facultatif',
  'wizard.screens.once':
    'Ce jeton n’est montré qu’une fois. Copiez-le maintenant : le relais n’en garde qu’une empreinte, et quitter cette page l’efface.',
  'wizard.screens.gone':
    'Montré une seule fois, à sa création. Perdu ? Créez-en un nouveau ; l’ancien fonctionne encore 24 heures.',
  'wizard.screens.renew': 'Créer un nouveau jeton',
  'wizard.screens.renewed': 'L’ancien jeton fonctionne jusqu’au {{until}}',
  'wizard.screens.local':
    'Cette adresse est propre à cette machine. {{provider}} appelle depuis Internet : placez le relais derrière une adresse https qu’il peut atteindre, et démarrez-le avec --public-url ADRESSE, pour que la bonne adresse figure ici.',
  'wizard.screens.localScim':
    'Cette adresse est propre à cette machine : seul un client sur la même machine peut l’utiliser. Pour les autres, démarrez le relais avec --public-url ADRESSE.',

  'wizard.entra.app': 'Ouvrir l’application qui porte le SSO de Steeple',
  'wizard.entra.appIs':
    'Enterprise applications > votre application Steeple. L’approvisionnement se règle dans la même.',
  'wizard.entra.connect': 'La relier à ce relais',
  'wizard.entra.connectIs': 'Provisioning. Collez, cliquez sur Test Connection, puis sur Save.',
  'wizard.entra.mode': 'Provisioning Mode',
  'wizard.entra.soft': 'Dire ce que « supprimé » signifie',
  'wizard.entra.softIs':
    'Provisioning > Mappings > Provision Microsoft Entra ID Users > active. Avec cette expression, une personne dans la corbeille d’Entra compte aussitôt comme inactive ; sans elle, seulement quand Entra la supprime pour de bon.',
  'wizard.entra.mapping': 'Mapping type',
  'wizard.entra.expression': 'Expression',
  'wizard.entra.assign': 'Affecter les groupes',
  'wizard.entra.assignIs':
    'Users and groups > Add. Affectez les groupes eux-mêmes, au moins deux par communauté. Entra ne regarde pas à l’intérieur des groupes imbriqués.',
  'wizard.entra.start': 'Démarrer',
  'wizard.entra.startIs':
    'Provisioning > Start provisioning. Le premier cycle envoie tout le monde ; les suivants ont lieu toutes les 25 à 40 minutes. « Provision on demand » essaie une personne tout de suite.',

  'wizard.okta.enable': 'Activer l’approvisionnement',
  'wizard.okta.enableIs': 'Applications > votre application Steeple > General > App Settings > Edit.',
  'wizard.okta.provisioning': 'Provisioning',
  'wizard.okta.connect': 'La relier à ce relais',
  'wizard.okta.connectIs':
    'Provisioning > Integration > Edit. Cochez seulement les cases Push : Import ferait entrer dans Okta les comptes de Steeple. Cliquez sur Test Connector Configuration, puis sur Save.',
  'wizard.okta.actions': 'Supported provisioning actions',
  'wizard.okta.toApp': 'Dire ce qui est envoyé',
  'wizard.okta.toAppIs': 'Provisioning > Settings > To App > Edit. Activez ces trois options, puis Save.',
  'wizard.okta.assign': 'Affecter les collaborateurs',
  'wizard.okta.assignIs': 'Assignments > Assign. Qui n’est pas affecté n’est pas envoyé, et n’a pas accès à Steeple.',
  'wizard.okta.push': 'Pousser les groupes',
  'wizard.okta.pushIs': 'Push Groups > Push Groups > By name. Au moins deux par communauté.',

  'wizard.scim.connect': 'Le relier à ce relais',
  'wizard.scim.connectIs':
    'SCIM 2.0. POST, PUT, PATCH et DELETE sont compris, dans le dialecte d’Entra comme dans celui d’Okta.',
  'wizard.scim.send': 'Envoyer les collaborateurs, puis les groupes',
  'wizard.scim.sendIs':
    'Les appartenances nomment les collaborateurs par l’identifiant que le relais a donné à leur création.',

  'wizard.heard': 'Ce qui est arrivé',
  'wizard.heard.contact': 'Premier contact',
  'wizard.heard.contactNo': 'Rien encore. Le bouton de test du fournisseur suffit à cocher ceci.',
  'wizard.heard.people': 'Collaborateurs',
  'wizard.heard.peopleNo': 'Aucun encore',
  'wizard.heard.peopleYes_one': '{{count, number}} collaborateur',
  'wizard.heard.peopleYes_other': '{{count, number}} collaborateurs',
  'wizard.heard.groups': 'Groupes',
  'wizard.heard.groupsNo': 'Aucun encore',
  'wizard.heard.groupsYes_one': '{{count, number}} groupe',
  'wizard.heard.groupsYes_other': '{{count, number}} groupes',
  'wizard.heard.refused_one': 'Une requête a été refusée',
  'wizard.heard.refused_other': '{{count, number}} requêtes ont été refusées',
  'wizard.heard.waiting': 'En observation. Ceci change tout seul.',

  'wizard.communities.lead':
    'Les communautés où un accès peut être donné. Le relais peut les lire dans Steeple, ou prendre une liste ; il n’en crée jamais dans Steeple.',
  'wizard.communities.how': 'D’où',
  'wizard.communities.api': 'De Steeple',
  'wizard.communities.apiWhy':
    'L’API publique de Steeple, avec un jeton à elle : Administration > Intégrations. Elle ne fait que lire le nom des communautés.',
  'wizard.communities.apiUrl': 'Adresse de l’API',
  'wizard.communities.apiToken': 'Jeton de l’API',
  'wizard.communities.read': 'Lire les communautés',
  'wizard.communities.file': 'D’un fichier',
  'wizard.communities.fileWhy':
    'CSV avec une ligne d’en-tête « id,name », ou JSON : [{"id": "finance", "name": "Finance"}].',
  'wizard.communities.choose': 'Choisir un fichier',
  'wizard.communities.take': 'Prendre cette liste',
  'wizard.communities.text': 'La liste',
  'wizard.communities.hand': 'À la main',
  'wizard.communities.handWhy':
    'Un nom par ligne. Un identifiant en est tiré, et reste le même si la communauté est renommée ensuite.',
  'wizard.communities.names': 'Noms',
  'wizard.communities.known_one': 'Une communauté est connue',
  'wizard.communities.known_other': '{{count, number}} communautés sont connues',
  'wizard.communities.none': 'Aucune n’est encore connue',
  'wizard.communities.missing': 'plus dans la liste',
  'wizard.origin.api': 'Steeple',
  'wizard.origin.file': 'fichier',
  'wizard.origin.hand': 'à la main',

  'wizard.mode.lead':
    'Steeple lie un groupe à une communauté et à un rôle sur une page à lui, à la main. Il n’y a pas d’API pour cela. D’où deux façons de faire.',
  'wizard.mode.which': 'Quelle façon',
  'wizard.mode.managed': 'Géré',
  'wizard.mode.managedTag': 'Conseillé',
  'wizard.mode.managedIs':
    'Le relais tient dans Steeple un groupe par couple de communauté et de rôle, et le remplit des collaborateurs à qui vos liens le donnent. Vous liez chacun une fois dans Steeple. Ensuite, les accès se décident ici, et nulle part ailleurs.',
  'wizard.mode.managedFor':
    'Pour la plupart des organisations. Redessiner un lien ici change les accès sans autre clic dans Steeple.',
  'wizard.mode.mirror': 'Miroir',
  'wizard.mode.mirrorIs':
    'Les groupes du fournisseur vont dans Steeple tels quels, sous leur nom. Les liens sont dans Steeple. Ce que vous dessinez ici en montre et en explique l’effet, et imprime ce qu’il faut y cliquer.',
  'wizard.mode.mirrorFor': 'Là où des liens existent déjà dans Steeple et doivent y rester.',
  'wizard.mode.template': 'Nom des groupes dans Steeple',
  'wizard.mode.templateWhy': 'Par exemple : {{example}}',
  'wizard.mode.choose': 'Choisir cette façon',
  'wizard.mode.chosen': 'En vigueur depuis la version {{version}} des correspondances.',
  'wizard.mode.default': 'Tant que vous ne choisissez pas, c’est « géré ».',
  'wizard.mode.effect':
    'Changer de mode plus tard change les groupes présents dans Steeple, et il faut les y lier de nouveau. L’aperçu le montre avant tout envoi.',

  'wizard.links.lead':
    'Chaque groupe de votre fournisseur est lié à une communauté et à un rôle. Il est conseillé d’en avoir au moins deux par communauté : un de contributeurs, un d’administrateurs.',
  'wizard.links.open': 'Ouvrir l’éditeur',
  'wizard.links.count_one': 'Un lien est en vigueur',
  'wizard.links.count_other': '{{count, number}} liens sont en vigueur',
  'wizard.links.none': 'Aucun groupe n’est encore lié',
  'wizard.links.noneWhy': 'Tant qu’aucun ne l’est, personne n’a accès à une communauté, et un plan n’a rien à donner.',
  'wizard.links.broken_one': 'L’un d’eux est rompu : son groupe a disparu chez le fournisseur',
  'wizard.links.broken_other':
    '{{count, number}} d’entre eux sont rompus : leurs groupes ont disparu chez le fournisseur',
  'wizard.links.needGroups': 'Aucun groupe n’est encore arrivé : il n’y a rien à lier.',
  'wizard.links.needCommunities': 'Aucune communauté n’est encore connue : il n’y a rien à quoi lier.',

  'wizard.handover.lead':
    'D’abord le plan ici, puis ces clics dans Steeple. Imprimez la liste pour qui doit les faire.',
  'wizard.handover.print': 'Imprimer',
  'wizard.handover.enable': 'Lire le plan et activer la synchronisation',
  'wizard.handover.enableWhy':
    'L’aperçu montre chaque collaborateur qui gagne, change ou perd quelque chose. Rien n’a encore été écrit dans Steeple.',
  'wizard.handover.toPreview': 'Ouvrir l’aperçu',
  'wizard.handover.on': 'La synchronisation est activée depuis le {{when}}. Les groupes sont dans Steeple.',
  'wizard.handover.list': 'Dans Steeple',
  'wizard.handover.goto': 'Ouvrir {{where}}',
  'wizard.handover.count': 'Vérifier que ce que Steeple a reçu correspond',
  'wizard.handover.countWhy':
    'Si un nombre diffère, arrêtez-vous et regardez Activité avant d’activer quoi que ce soit. Les comptes hors annuaire y sont comptés aussi : l’aperçu les nomme.',
  'wizard.handover.link': 'Lier chaque groupe à sa communauté et à son rôle',
  'wizard.handover.linkWhy':
    'Sous groupes, communautés et rôles. Dans Steeple cela se fait à la main, une fois par groupe.',
  'wizard.handover.then': 'Activer la synchronisation dans Steeple',
  'wizard.handover.thenWhy': 'Dès lors, un compte qui n’est pas dans l’annuaire perd tout accès.',
  'wizard.handover.group': 'Groupe',
  'wizard.handover.community': 'Communauté',
  'wizard.handover.role': 'Rôle',
  'wizard.handover.people': 'Collaborateurs',
  'wizard.handover.users': 'Utilisateurs',
  'wizard.handover.groups': 'Groupes',
  'wizard.handover.memberships': 'Appartenances',
  'wizard.handover.expected': 'Attendu dans Steeple',
  'wizard.handover.seen': 'Vu là-bas',
  'wizard.handover.match': 'identique',
  'wizard.handover.differ': 'différent',
  'wizard.handover.empty': 'La liste découle des liens : dessinez-en d’abord.',
  'wizard.handover.unset': 'L’adresse de Steeple n’est pas encore donnée.',
  'wizard.handover.printed': 'Imprimé par Steeple Companion le {{when}}, version {{version}} des correspondances',
};
